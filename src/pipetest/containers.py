"""What a SageMaker container shows a script: the tree under /opt/ml; and what becomes of what it leaves.

Source: the AWS documentation of processing and training containers. What a job is told is in ``jobs``.
"""

from __future__ import annotations

import posixpath
import stat
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from pipetest.pipeline import Input, Output, Step
from pipetest.sandbox_files import copy_file, copy_folder, walk

ML = "/opt/ml"
OUTSIDE = "outside"  # the folder of what a step wants elsewhere
CODE = {"processing": f"{ML}/processing/input/code", "training": f"{ML}/code"}
FOLDERS = {
    "processing": ("processing", "config", "output"),
    "training": ("code", "input/config", "input/data", "model", "output/data", "checkpoints"),
}
LARGEST_CODE = 10_000_000  # bytes of a file that goes with a script though nobody named its folder
SHIPPED_WITHOUT = frozenset({".git", ".pipetest", "__pycache__", ".venv", "venv", "node_modules"})


def job_of(step: Step) -> str | None:
    """``processing``, ``training``, or None for a step that is no job of SageMaker's."""
    if step.job:
        return step.job
    shown = [one.container_path for one in step.inputs] + [one.container_path for one in step.outputs]
    paths = [path for path in shown if path]
    if not paths and not step.code_path:
        return None
    trains = any(PurePosixPath(path).is_relative_to(f"{ML}/model") for path in paths)
    return "training" if trains or step.hyperparameters else "processing"


def code_path(step: Step) -> str | None:
    """The container's folder of the step's script; None outside a container."""
    return step.code_path or _brought_to(step) or CODE.get(job_of(step) or "")


def _brought_to(step: Step) -> str | None:
    """The folder that the script comes into with an input: ``code: {path: code, container_path: ...}``."""
    script = step.script_path
    for one in step.inputs:
        if script and one.path and one.container_path and script.is_relative_to(one.path):
            folder = "" if script == one.path else script.parent.relative_to(one.path).as_posix()
            return str(PurePosixPath(one.container_path, folder))
    return None


def shipped(step: Step) -> Path | None:
    """The folder that is shipped with the script; None: the script goes alone, as ScriptProcessor sends it.

    Where nothing is said of it, that is the script's own folder, without what is too big to be code.
    """
    if step.source_dir or step.code_uri or not step.script_path:
        return step.source_dir
    return step.script_path.parent


def working_dir(step: Step) -> str | None:
    """Where the container starts the script: None where that is the image's own affair."""
    return step.working_dir or (code_path(step) if job_of(step) == "training" else None)


def place(tree: Path, container_path: str) -> Path:
    """Where a path of the container lies on this machine.

    SageMaker takes none outside /opt/ml; the step fails for it, and must not leave its folder either.
    """
    path = PurePosixPath(posixpath.normpath(f"/{container_path}".replace("//", "/")))
    return tree / (path.relative_to(ML) if path.is_relative_to(ML) else Path(OUTSIDE, *path.parts[1:]))


# --- the tree ----------------------------------------------------------------------------------------------


def lay_tree(step: Step, tree: Path, sources: Mapping[str, Path], above: Path) -> dict[str, Path]:
    """Make the folders of a job and copy its code and inputs into them. Returns where each input lies.

    ``above`` is a folder that is never copied: the one that the tree itself lies in.
    """
    job = job_of(step) or "processing"
    for name in FOLDERS[job]:
        (tree / name).mkdir(parents=True, exist_ok=True)
    placed = {}
    # The shorter path first: mounts nest, and the inner one covers what the outer one has there.
    for one in sorted(step.inputs, key=lambda one: len(one.container_path or "")):
        if one.name in sources and one.container_path:
            placed[one.name] = _place_input(one, tree, sources[one.name], above)
    _place_code(step, tree, above)
    if step.working_dir:
        place(tree, step.working_dir).mkdir(parents=True, exist_ok=True)  # as an image's WORKDIR is
    for output in step.outputs:
        if output.container_path:
            folder = place(tree, output.container_path)
            (folder.parent if output.is_file else folder).mkdir(parents=True, exist_ok=True)
    from pipetest.jobs import config_files  # late: most runs have no container

    for name, text in config_files(step, job, tree).items():
        (tree / name).write_text(text, "utf-8")
    return placed


def _place_input(one: Input, tree: Path, source: Path, above: Path) -> Path:
    """Copy an input as S3 does: all below a prefix into the folder, a single object into it by its name."""
    target = place(tree, one.container_path or ML)
    if source.is_dir():
        copy_folder(source, target, one.from_step is None, (above,))
        return target
    if target.suffix and target.suffix == source.suffix:  # the path of the file itself
        target.parent.mkdir(parents=True, exist_ok=True)
    else:
        target.mkdir(parents=True, exist_ok=True)
        target /= source.name
    copy_file(source, target)
    return target


def _place_code(step: Step, tree: Path, above: Path) -> None:
    target = place(tree, code_path(step) or ML)
    target.mkdir(parents=True, exist_ok=True)
    folder = shipped(step)
    if folder:
        largest = None if step.source_dir else LARGEST_CODE
        copy_folder(folder, target, True, (above,), SHIPPED_WITHOUT, largest)
    elif step.script_path:
        copy_file(step.script_path, target / step.script_path.name)


def script_in_container(step: Step) -> str:
    """The path that the script has in the container."""
    script, folder = step.script_path or Path(), shipped(step)
    inside = script.relative_to(folder) if folder else Path(script.name)
    return f"{code_path(step)}/{inside.as_posix()}"


# --- what comes out ----------------------------------------------------------------------------------------


def pack(step: Step, tree: Path, root: Path) -> dict[str, Path]:
    """Make the archives that SageMaker makes of a job's folders. Returns what is handed on, by output."""
    handed: dict[str, Path] = {}
    for output in step.outputs:
        folder = place(tree, output.container_path) if output.container_path else None
        if output.archive and folder and any(folder.iterdir()):
            target = root / "outputs" / output.name / output.archive
            _archive(folder, target)
            handed[output.name] = target
    bundle = next((one for one in step.outputs if is_bundle(one)), None)
    if bundle and handed:
        folder = root / "outputs" / bundle.name
        for path in handed.values():
            (folder / job_name(step) / "output").mkdir(parents=True, exist_ok=True)
            copy_file(path, folder / job_name(step) / "output" / path.name)
        handed[bundle.name] = folder
    return handed


def strays(step: Step, tree: Path) -> list[str]:
    """The files below /opt/ml that the step wrote and nothing takes: those of no output, input or code."""
    shown = [one.container_path for one in step.inputs] + [one.container_path for one in step.outputs]
    known = [path for path in (*shown, code_path(step)) if path]
    platform = [f"{ML}/{name}" for name in ("config", "input/config", "output/message", "output/failure")]
    return sorted(
        file
        for file in (f"{ML}/{name}" for name, status in walk(tree) if stat.S_ISREG(status.st_mode))
        if not any(PurePosixPath(file).is_relative_to(place) for place in (*known, *platform))
    )


def job_name(step: Step) -> str:
    """The name of the job that a training step starts."""
    return f"pipetest-{step.name}"


def is_bundle(output: Output) -> bool:
    """Whether an output is the folder of a job's archives: ``<job>/output/model.tar.gz`` and its like."""
    return output.name == "job" and not output.container_path


def _archive(folder: Path, target: Path) -> None:
    """Members at the root, without a leading ``./``: as ``tar -C folder`` of its entries."""
    import tarfile

    target.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for entry in sorted(folder.iterdir()):
            archive.add(entry, arcname=entry.name)


def last_words(tree: Path) -> tuple[str, str]:
    """What the job left for SageMaker's FailureReason and ExitMessage: ``failure`` and ``message``, cut as
    SageMaker cuts them; the message is ``\\ufffd`` at least where it is not UTF-8."""
    return _beginning(tree / "output/failure"), _beginning(tree / "output/message")


def _beginning(path: Path) -> str:
    try:
        return path.read_bytes()[:1024].decode("utf-8", "replace").strip()
    except OSError:
        return ""


def code_places(step: Step) -> tuple[str, Path]:
    """The folder of the code as the container calls it, and where it lies on this machine."""
    here = shipped(step) or (step.script_path.parent if step.script_path else Path())
    return code_path(step) or "", here
