"""pytest for pipelines: will the steps run, and does what one writes fit what the next reads?

The face of the library. Everything is imported when it is first asked for, so that the start stays short.
"""

from __future__ import annotations

TYPE_CHECKING = False  # as typing has it, without the import of typing, which takes half of the start
if TYPE_CHECKING:
    from pipetest.pipeline import Pipeline, PipelineError, Step
    from pipetest.results import Finding, Report
    from pipetest.runtime_testing import RuntimeTester, ScriptTestResult
    from pipetest.session import check, load, run

__version__ = "0.1.0"
__all__ = [
    "Finding",
    "Pipeline",
    "PipelineError",
    "Report",
    "RuntimeTester",
    "ScriptTestResult",
    "Step",
    "check",
    "load",
    "run",
]
_ROOMS = {
    "check": "session",
    "load": "session",
    "run": "session",
    "Pipeline": "pipeline",
    "PipelineError": "pipeline",
    "Step": "pipeline",
    "Finding": "results",
    "Report": "results",
    "RuntimeTester": "runtime_testing",
    "ScriptTestResult": "runtime_testing",
}


def __getattr__(name: str) -> object:
    if name not in _ROOMS:
        raise AttributeError(f"module 'pipetest' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"pipetest.{_ROOMS[name]}"), name)
