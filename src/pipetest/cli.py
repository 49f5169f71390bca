"""The command line: arguments in, exit code out. The only place that turns exceptions into exit codes."""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipetest import __version__, local_files
from pipetest.pipeline import Fault, Pipeline, PipelineError, Take
from pipetest.results import EdgeCase, ExitCode, Report, StepResult

MANY = 100  # targets from which a check shows a progress bar


class _ReaderGoneError(Exception):
    """Who read our output has gone: ``| head``."""


def main(arguments: Sequence[str]) -> int:
    """Run one command. Returns an ``ExitCode``; never raises for what a user did or has."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            signal.signal(number, signal.default_int_handler)  # as Ctrl-C: end the steps, write the report
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except PipelineError as error:
        _say_faults(error.faults)
        return ExitCode.USAGE
    except _ReaderGoneError:
        return ExitCode.FAULTS
    except KeyboardInterrupt:
        _complain("interrupted")
        return ExitCode.INTERRUPTED
    except Exception as error:
        return _say_internal(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pipetest",
        description="pytest for pipelines: will the steps run, before you pay for the cloud?",
        epilog="Exit codes: 0 ok, 1 faulty pipeline, 2 wrong use, 3 a fault of pipetest, 130 interrupted.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"pipetest {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_check(commands)
    _add_run(commands)
    _add_small(commands)
    return parser


def _add_check(commands: Any) -> None:
    check = commands.add_parser("check", help="look at scripts and load them; run none of their work")
    check.add_argument(
        "targets", nargs="*", metavar="TARGET", help="script, folder of scripts, or pipeline file"
    )
    check.set_defaults(command=_check)
    _add_common(check)


def _add_run(commands: Any) -> None:
    run = commands.add_parser("run", help="run a pipeline along its graph, on data, in sandboxes")
    _add_pipeline(run)
    run.add_argument("--upstream", action="store_true", help="with --step: also run what it needs")
    run.add_argument("--network", action="store_true", help="let the steps use the network")
    run.add_argument(
        "--rows", type=_positive(int), metavar="N", help="give the steps N rows of each table from outside"
    )
    run.add_argument("--spread", action="store_true", help="with --rows: from all over the table")
    run.add_argument("--stratify", metavar="COLUMN", help="with --rows: each value of it keeps its share")
    run.add_argument(
        "--update-snapshot", action="store_true", help="write what the outputs hold beside the file"
    )
    run.add_argument(
        "--edge-cases",
        action="store_true",
        help="then again with data that is hard to take: empty, nulls, ...",
    )
    run.add_argument(
        "--workspace", metavar="DIR", help="where runs leave their files (.pipetest beside the file)"
    )
    run.set_defaults(command=_run)
    _add_common(run)


def _add_small(commands: Any) -> None:
    show = commands.add_parser("show", help="the graph as text: steps, links, where each input comes from")
    _add_pipeline(show)
    show.add_argument(
        "--step", action="append", default=[], metavar="NAME", help="what would run for this step"
    )
    show.add_argument("--upstream", action="store_true", help="with --step: with what it needs")
    show.add_argument(
        "--as", dest="form", choices=("graph", "yaml"), default="graph", help="yaml: as a file of our own"
    )
    show.add_argument("-o", "--output", type=_target, metavar="FILE", help="write it there")
    local_files.add_options(show)
    show.set_defaults(command=_show)
    data = commands.add_parser("data", help="write the data that would be generated, to keep and edit")
    _add_pipeline(data)
    data.add_argument("-o", "--output", default="test_data", metavar="DIR", help="where to (test_data)")
    data.add_argument("--step", action="append", default=[], metavar="NAME", help="only for this step")
    data.add_argument("--rows", type=_positive(int), metavar="N", help="instead of what each input says")
    data.add_argument("--force", action="store_true", help="overwrite files that are there")
    local_files.add_options(data)
    data.set_defaults(command=_data)
    init = commands.add_parser("init", help="write a first pipeline file from a folder of scripts")
    init.add_argument("folder", metavar="FOLDER")
    init.set_defaults(command=_init)
    explain = commands.add_parser("explain", help="what a finding means, why it matters, how to mend it")
    explain.add_argument("code", nargs="?", metavar="CODE", help="without one: a list of all codes")
    explain.set_defaults(command=_explain)


def _add_pipeline(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "pipeline", nargs="?", metavar="PIPELINE", help="default: pipeline.yaml, .yml, .toml or .json here"
    )


def _add_common(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--step", action="append", default=[], metavar="NAME", help="only this step (repeatable)")
    add("-x", "--fail-fast", action="store_true", help="stop at the first failure")
    add("-j", "--jobs", type=_positive(int), metavar="N", help="how many at a time (default: the cores)")
    add("--timeout", type=_positive(float), metavar="SECONDS", help="for each step")
    add("--fresh", action="store_true", help="a fresh interpreter for every step: slower, same verdicts")
    add("--json", type=_target, metavar="FILE", help="write the report as JSON")
    add("--junit", type=_target, metavar="FILE", help="write the report as JUnit XML")
    add("-q", "--quiet", action="store_true", help="only failures and the summary")
    add("-v", "--verbose", action="count", default=0, help="also notes, and everything at length")
    local_files.add_options(parser)


def _positive(kind: Callable[[str], Any]) -> Callable[[str], Any]:
    def parse(text: str) -> Any:
        try:
            number = kind(text)
        except ValueError:
            number = 0
        if not 0 < number < float("inf"):
            raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
        return number

    return parse


def _target(text: str) -> Path:
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written: name a file in a folder that exists")
    return path


# --- commands ----------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> ExitCode:
    from pipetest import session

    targets = options.targets or [_default_pipeline()]
    with _progress(options) as watch:
        report = session.check(
            targets,
            steps=options.step,
            jobs=options.jobs,
            timeout=options.timeout,
            fresh=options.fresh,
            fail_fast=options.fail_fast,
            local=local_files.of_options(options),
            local_file=options.local,
            watch=watch,
        )
    return _report(report, options)


def _run(options: argparse.Namespace) -> ExitCode:
    from pipetest import session

    pipeline = _loaded(options)
    counter = _Counter()
    report = session.run(
        pipeline,
        steps=options.step,
        upstream=options.upstream,
        data={key: path for key, path in options.data if "://" not in key},  # once more, to run it again
        jobs=options.jobs,
        timeout=options.timeout,
        fresh=options.fresh,
        fail_fast=options.fail_fast,
        network=options.network,
        take=_take(options),
        update_snapshot=options.update_snapshot,
        edge_cases=options.edge_cases,
        workspace=options.workspace,
        begin=None if options.quiet else counter.begin,
        watch=None if options.quiet else counter,
        watch_edges=None if options.quiet else _say_edge_case,
    )
    code = _report(report, options)
    if options.update_snapshot and pipeline.path and not report.interrupted:
        from pipetest.snapshots.snapshot_files import path_of

        _print(f"Wrote {path_of(pipeline.path)}\n")
    return code


def _take(options: argparse.Namespace) -> Take | None:
    """How many rows the steps are to be given. Raises PipelineError for what says how, and not how many."""
    if options.rows is not None:
        return Take(options.rows, options.spread, options.stratify)
    if options.spread or options.stratify:
        named = "--spread" if options.spread else "--stratify"
        raise PipelineError([Fault(f"{named} says which rows, and not how many.", "Add --rows N.")])
    return None


def _show(options: argparse.Namespace) -> ExitCode:
    from pipetest import planning

    pipeline = _loaded(options)
    if options.form == "graph":
        chosen = planning.RunOptions(1, steps=tuple(options.step), upstream=options.upstream)
        text = _graph(planning.chosen(pipeline, chosen), **({"color": False} if options.output else {}))
    else:
        text = _as_yaml(pipeline, options)
    if options.output is None:
        _print(text)
        return ExitCode.OK
    return ExitCode.OK if _wrote(options.output, text) else ExitCode.USAGE


def _as_yaml(pipeline: Pipeline, options: argparse.Namespace) -> str:
    from pipetest.pipeline_writer import to_yaml

    if options.step:
        message = "--as yaml writes the whole pipeline, and --step names some of it."
        raise PipelineError([Fault(message, "Leave --step out; run the file with --step.")])
    if options.output and options.output.suffix.lower() not in (".yaml", ".yml"):
        raise PipelineError([Fault(f"{options.output} is to be YAML.", "Let its name end in .yaml or .yml.")])
    return to_yaml(pipeline, options.output.parent if options.output else Path.cwd())


def _loaded(options: argparse.Namespace) -> Pipeline:
    """The pipeline that was named, with what was said to be local of it."""
    from pipetest import session

    path = options.pipeline or _default_pipeline()
    return session.load(path, local_files.of_options(options), options.local)


def _data(options: argparse.Namespace) -> ExitCode:
    from pipetest import data_files

    pipeline = _loaded(options)
    written = data_files.write(pipeline, Path(options.output), options.step, options.rows, options.force)
    _print(data_files.render(written, pipeline))
    return ExitCode.OK


def _init(options: argparse.Namespace) -> ExitCode:
    from pipetest.starter import write_pipeline

    path, count = write_pipeline(Path(options.folder))
    steps = f"{count} step{'' if count == 1 else 's'}"
    _print(f"Wrote {path} with {steps}. Next: pipetest check {shlex.quote(str(path))}\n")
    return ExitCode.OK


def _explain(options: argparse.Namespace) -> ExitCode:
    from pipetest.explanations import explain

    _print(explain(options.code))
    return ExitCode.OK


def _default_pipeline() -> str:
    from pipetest.pipeline_file import find_default

    path = find_default(Path.cwd())
    if path is None:
        message = f"There is no pipeline.yaml, .yml, .toml or .json in {Path.cwd()}."
        raise PipelineError(
            [Fault(message, "Name a pipeline file, or write a first one: pipetest init FOLDER.")]
        )
    return str(path)


# --- what is shown -----------------------------------------------------------------------------------------


def _report(report: Report, options: argparse.Namespace) -> ExitCode:
    """Write the reports that were asked for, and say what was found."""
    from pipetest.reporters import render

    for name in ("json", "junit"):
        path = getattr(options, name)
        if path and not _wrote(path, render(name, report)):
            return ExitCode.USAGE
    look = _look()
    if report.edge_cases is not None:
        from pipetest.reporters import edges

        _print(edges.render(report, quiet=options.quiet, **look))
    _print(render("terminal", report, verbose=options.verbose, quiet=options.quiet, **look))
    return report.exit_code()


def _wrote(path: Path, text: str) -> bool:
    """Whether the file could be written, whole; else it is said why not."""
    from pipetest.workspace import write_whole

    try:
        write_whole(path, text)
    except OSError as error:
        _complain(f"{path} could not be written: {error.strerror}")
        return False
    return True


def _look() -> dict[str, Any]:
    """How the terminal wants its text."""
    from shutil import get_terminal_size

    color = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    encoding = (sys.stdout.encoding or "ascii").lower()
    return {
        "color": color,
        "width": get_terminal_size((100, 24)).columns,
        "ascii_only": not encoding.startswith("utf"),
    }


def _graph(pipeline: Pipeline, **look: Any) -> str:
    from pipetest.reporters.graph import draw

    return draw(pipeline, **{**_look(), **look})


class _Counter:
    """Draws what is about to run, and says each step as it ends: ``[3/7] passed   split 0.02 s``."""

    def __init__(self) -> None:
        self.done = self.total = 0

    def begin(self, planned: Pipeline) -> None:
        self.total = len(planned.steps)
        _print(_graph(planned))

    def __call__(self, result: StepResult) -> None:
        from pipetest.reporters import printable
        from pipetest.reporters.terminal import duration

        self.done += 1
        took = duration(result.seconds) if result.started_as else ""
        _print(
            f"[{self.done}/{self.total}] {result.status:8} {printable(result.name)} {took}".rstrip() + "\n"
        )


def _say_edge_case(number: int, total: int, case: EdgeCase) -> None:
    from pipetest.reporters import printable

    _print(f"[{number}/{total}] {case.answer:14} {printable(f'{case.variant} in {case.input}')}\n")


@contextmanager
def _progress(options: argparse.Namespace) -> Iterator[Callable[[StepResult], None] | None]:
    """A progress bar for a check that takes long enough to be watched."""
    if options.quiet or not sys.stderr.isatty():
        yield None
        return
    count = 0
    bar: Any = None

    def watch(_: StepResult) -> None:
        nonlocal count, bar
        count += 1
        if count == MANY:  # a short check is over before rich is imported
            from rich.console import Console
            from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

            columns = (SpinnerColumn(), TextColumn("{task.completed} scripts checked"), TimeElapsedColumn())
            bar = Progress(*columns, console=Console(stderr=True), transient=True)
            bar.add_task("check", total=None)
            bar.start()
        if bar is not None:
            bar.update(0, completed=count)

    try:
        yield watch
    finally:
        if bar is not None:
            bar.stop()


def _print(text: str) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    try:
        sys.stdout.write(text.encode(encoding, "backslashreplace").decode(encoding))
        sys.stdout.flush()
    except BrokenPipeError as error:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 (or Python complains once more when it ends)
        raise _ReaderGoneError from error


def _complain(text: str) -> None:
    from pipetest.reporters import printable

    sys.stderr.write(f"pipetest: {printable(text, ascii_only=True)}\n")


def _say_faults(faults: Sequence[Fault]) -> None:
    for fault in faults:
        place = ":".join(str(part) for part in (fault.file, fault.line) if part is not None)
        _complain(f"{place}: {fault.message}" if place else fault.message)
        if fault.hint:
            _complain(f"    {fault.hint}")


def _say_internal(error: Exception) -> ExitCode:
    """Our fault, or the machine's; never dressed up as the pipeline's."""
    from pipetest.sandbox import SandboxError

    if isinstance(error, SandboxError | OSError):
        _complain(f"{error}. Nothing is wrong with the pipeline; free space or set --workspace DIR.")
    else:
        _complain(f"this is a fault of pipetest, not of your pipeline: {type(error).__name__}: {error}")
        _complain("please report it; PIPETEST_DEBUG=1 shows where it happened")
    if os.environ.get("PIPETEST_DEBUG"):
        import traceback

        traceback.print_exception(error)
    return ExitCode.INTERNAL
