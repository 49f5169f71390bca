"""What a job runs: the command of its request, the script that is meant, and where that lies on this machine.

What the user does not say is not guessed: a script that is not mapped stays without a path, and ``code_uri``
says which option names it.
"""

from __future__ import annotations

import json
import os
import posixpath
import re
from dataclasses import dataclass, replace
from pathlib import Path

from pipetest.importers.judgements import (
    Place,
    Request,
    script_not_in_folder,
    script_not_shipped,
    unnamed_script,
)
from pipetest.importers.sagemaker_reading import Reading
from pipetest.importers.told import ARCHIVES, code_path, data_path, unpacked
from pipetest.pipeline import Step

PYTHON = re.compile(r"python(\d+(\.\d+)?)?")
SHELLS = ("sh", "bash", "dash", "zsh")
HARMLESS = ("-u", "-B")  # of Python's own options: those that a script does not notice
IN_CONTAINER = re.compile(r"/opt/ml/[^\s;&|'\"$]+")
SCRIPTS = (".py", ".sh", ".bash")
SINGLE = (*ARCHIVES, *SCRIPTS, ".ipynb")
RUNPROC = re.compile(r'^\s*(?:exec\s+)?\S*python[\d.]*\s+(?:-u\s+)?(\S+\.py)\s+"\$@"', re.MULTILINE)
CODE_DIR = "/opt/ml/code"


@dataclass(frozen=True, slots=True)
class Code:
    """What a job runs. ``brings`` names the inputs that are code and no data."""

    kind: str = "script"
    says: str = ""
    entry: str | tuple[str, ...] | None = None
    args: tuple[str, ...] = ()
    script_path: Path | None = None
    looked_for: tuple[Path, ...] = ()
    source_dir: Path | None = None
    code_path: str | None = None
    code_uri: str | None = None
    working_dir: str | None = None
    brings: frozenset[str] = frozenset()


def needs_container(says: str) -> Code:
    """A job that can be run only in its image."""
    return Code("container", says)


def code_of(reading: Reading, request: Request) -> Code:
    """What a job with an entry point runs."""
    if not request.words:
        return needs_container("its image says what is run")
    if known := _known_driver(request):
        return needs_container(known)
    if framework := _framework(reading, request):
        return framework
    if PYTHON.fullmatch(posixpath.basename(request.words[0])):
        return _python(reading, request)
    return _command(reading, request)


def _known_driver(request: Request) -> str | None:
    command = " ".join((*request.words, *request.args))
    if "sagemaker_remote_function_bootstrap" in command:
        return "it is a @step function, which SageMaker's own driver loads from a pickle"
    if request.words[0] == "amazon_sagemaker_scheduler":
        return "it is a notebook job"
    if "/sm_drivers/" in command:
        return "its script is started by the driver of SageMaker's ModelTrainer"
    return None


# ---- python FILE


def _python(reading: Reading, request: Request) -> Code:
    words = (*request.words, *request.args)
    at = next((at for at in range(1, len(words)) if words[at] not in HARMLESS), None)
    if at is None:
        return needs_container("it starts Python without a script")
    if words[at].startswith("-"):
        return _command(reading, request)
    script = posixpath.normpath(words[at])
    place = _above(request, script)
    if place is not None:
        return _shipped(reading, place, script, "script", words[at + 1 :])
    if script.startswith("/opt/ml/"):
        reading.findings.append(script_not_shipped(request.step, script, None))
    return needs_container(f"{script} lies in its image")


def _above(request: Request, path: str) -> Place | None:
    """The input that brings a file of the container: the one whose folder is nearest above it."""
    holding = [place for place in request.inputs if _inside(path, place.local_path) is not None]
    return max(holding, key=lambda place: len(place.local_path or ""), default=None)


def _inside(path: str, folder: str | None) -> str | None:
    """A path relative to a folder that it lies in; None: it lies elsewhere."""
    if not folder:
        return None
    rest = posixpath.relpath(path, posixpath.normpath(folder)) if path.startswith("/") else ".."
    return None if rest.split("/", 1)[0] == ".." else rest


def _shipped(
    reading: Reading, place: Place, script: str, entry: str | tuple[str, ...], args: tuple[str, ...]
) -> Code:
    """A file that an input brings: alone, where the input is a single object; else with its folder."""
    rest = _inside(script, place.local_path) or posixpath.basename(script)
    uri = place.uri or ""
    code = Code(
        entry=entry,
        args=args,
        code_path=posixpath.normpath(place.local_path or ""),
        code_uri=place.uri,
        brings=frozenset({place.name}),
    )
    alone = uri.endswith(SINGLE)
    if alone and place.source is None and posixpath.basename(uri) != rest:
        reading.findings.append(script_not_shipped(reading.name, script, uri))
    found, tried = code_path(reading.local.code, uri)
    if found is None and not alone:  # a folder of data, with the script somewhere in it
        found = data_path(reading.local.data, uri)
    if found is None:
        return replace(code, looked_for=tried)
    is_folder = os.path.isdir(found)  # noqa: PTH112 - never raises
    source = None if alone else found if is_folder else found.parent
    return _with_script(reading, replace(code, source_dir=source), found / rest if is_folder else found)


def _with_script(reading: Reading, code: Code, path: Path) -> Code:
    there = os.path.isfile(path)  # noqa: PTH113 - never raises
    folder = code.source_dir
    if not there and folder is not None and os.path.isdir(folder):  # noqa: PTH112 - never raises
        found = [one for pattern in ("*", "*/*") for one in folder.glob(pattern) if one.suffix in SCRIPTS]
        beside = sorted(one.relative_to(folder).as_posix() for one in found)
        name = os.path.relpath(path, folder)
        reading.findings.append(script_not_in_folder(reading.name, name, folder, beside))
    return replace(code, script_path=path if there else None, looked_for=(path,))


# ---- any other command


def _command(reading: Reading, request: Request) -> Code:
    words = (*request.words, *request.args)
    program = posixpath.basename(words[0])
    if program not in SHELLS and not PYTHON.fullmatch(program) and _above(request, words[0]) is None:
        return needs_container(f"{words[0][:80]} is a program of its image")
    named = _scripts_in(words)
    held = [(path, place) for path in named if (place := _above(request, path)) is not None]
    if held:
        return _shipped(reading, held[0][1], held[0][0], words, ())
    if "-m" in words and PYTHON.fullmatch(program):
        return _module(reading, request, words)
    if named and named[0].startswith("/opt/ml/"):
        reading.findings.append(script_not_shipped(request.step, named[0], None))
    return needs_container("what it runs lies in its image")


def _scripts_in(words: tuple[str, ...]) -> list[str]:
    """The scripts that a command starts: its first operand, or those in it, where that is a text."""
    operands = [word for word in words[1:] if not word.startswith("-")]
    if posixpath.basename(words[0]) not in SHELLS:
        named = [word for word in words if word.endswith(SCRIPTS)] or list(words[:1])
    elif "-c" in words:
        named = [path for word in operands for path in IN_CONTAINER.findall(word) if path.endswith(SCRIPTS)]
    else:
        named = operands[:1]
    return [posixpath.normpath(path) for path in named]


def _module(reading: Reading, request: Request, words: tuple[str, ...]) -> Code:
    """A module that lies somewhere in a folder which an input brings."""
    folders = [request.env.get("PYTHONPATH", "").split(":")[0]]
    folders += [place.local_path or "" for place in request.inputs if place.name == "code"]
    place = next((one for folder in folders if folder and (one := _above(request, folder))), None)
    if place is None:
        return needs_container(f"{' '.join(words[:3])[:80]} runs a module of its image")
    found, tried = code_path(reading.local.code, place.uri or "")
    alone = found is not None and os.path.isfile(found)  # noqa: PTH113 - never raises
    return Code(
        entry=words,
        script_path=found if alone else None,
        source_dir=None if alone else found,
        looked_for=tried if found is None else (),
        code_path=posixpath.normpath(place.local_path or ""),
        code_uri=place.uri,
        brings=frozenset({place.name}),
    )


# ---- the FrameworkProcessor: a shell script unpacks sourcedir.tar.gz and starts a file of it


def _framework(reading: Reading, request: Request) -> Code | None:
    words = request.words
    if len(words) != 2 or posixpath.basename(words[0]) not in SHELLS:
        return None
    runner = _above(request, posixpath.normpath(words[1]))
    code = next((one for one in request.inputs if (one.uri or "").endswith("/sourcedir.tar.gz")), None)
    if runner is None or code is None or runner == code or code.local_path is None:
        return None
    folder = posixpath.normpath(code.local_path)
    made = Code(
        entry="script",
        args=request.args,
        code_path=folder,
        code_uri=code.uri,
        working_dir=folder,
        brings=frozenset({runner.name, code.name}),
    )
    program = _program_of(code_path(reading.local.code, runner.uri or "")[0])
    return _sent(reading, made, code.uri or "", program, runner.uri or "")


def _sent(reading: Reading, made: Code, uri: str, program: str | None, runner: str = "") -> Code:
    """A job with the script in an archive of sources: ``program``, or else the only Python file in it."""
    found, tried = code_path(reading.local.code, uri, program)
    if found is None:
        return replace(made, looked_for=tried if program else ())
    folder = _opened(reading, uri, found)
    if folder is None:
        return made
    if os.path.isfile(folder):  # noqa: PTH113 - never raises
        is_deeper = bool(program) and folder.as_posix().endswith(f"/{program}")
        above = folder.parents[(program or "").count("/") if is_deeper else 0]
        return _with_script(reading, replace(made, source_dir=above), folder)
    scripts = sorted(path.name for path in folder.glob("*.py"))
    program = program or (scripts[0] if len(scripts) == 1 else None)
    if program is None:
        reading.findings.append(unnamed_script(reading.name, uri, runner, scripts))
        return replace(made, source_dir=folder)
    return _with_script(reading, replace(made, source_dir=folder), folder / program)


def _program_of(runner: Path | None) -> str | None:
    """The file that a runproc.sh starts."""
    try:
        text = runner.read_text("utf-8", "replace") if runner is not None else ""
    except (OSError, ValueError):
        return None
    found = RUNPROC.findall(text)
    return str(found[-1]) if found else None


def _opened(reading: Reading, uri: str, path: Path) -> Path | None:
    """The folder of what may be an archive, which is unpacked in the workspace; None: it cannot be."""
    if not path.name.endswith(ARCHIVES) or os.path.isdir(path):  # noqa: PTH112 - never raises
        return path
    folder = unpacked(path, Path(reading.definition.file or ".").parent / ".pipetest")
    if folder is None:
        reading.definition.fault(
            f"--code {uri} is {path}, an archive that cannot be unpacked beside the definition.",
            "Unpack it, and name the folder in its place.",
        )
    return folder


# ---- the training toolkit: sagemaker_program in sagemaker_submit_directory


def toolkit_code(reading: Reading, request: Request) -> Code:
    """What a training job in script mode runs."""
    program, uri = (
        _decoded(request.hyperparameters.get(f"sagemaker_{key}", ""))
        for key in ("program", "submit_directory")
    )
    if program == "_repack_script_launcher.sh":
        return needs_container("it packs a model anew with the code of its endpoint")
    channel = _above(request, uri) if uri.startswith("/") else None
    if channel is not None and channel.uri:
        uri = channel.uri
    if not uri.startswith("s3://"):
        return needs_container(f"{program} lies in its image")
    entry: str | tuple[str, ...] = "script"
    if program.endswith(".sh"):
        from pipetest.jobs import arguments  # late: nothing else here needs it

        words = arguments(Step(request.step, job="training", hyperparameters=request.hyperparameters))
        entry = ("/bin/sh", "-c", " ".join([f"./{program}", *words]))
    brings = frozenset({channel.name}) if channel else frozenset()
    made = Code(entry=entry, code_path=CODE_DIR, code_uri=uri, working_dir=CODE_DIR, brings=brings)
    return _sent(reading, made, uri, program)


def _decoded(text: str) -> str:
    """A hyperparameter as the toolkit reads it: JSON, or else the text itself."""
    try:
        return str(json.loads(text))
    except (ValueError, RecursionError):
        return text
