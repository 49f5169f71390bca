"""The table of hostile scripts and of the verdict that each must get.

What ``run`` says is what a plain interpreter does with ``python FILE OUT IN`` (exit code, signal, what
lies in OUT afterwards), put into the words of ``pipetest``; where the two part, the case says why.
``README.md`` has the rules.
"""

from __future__ import annotations

import gzip
import os
import sqlite3
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).parent / "scripts"
PASSED, FAILED, CRASHED, TIMEOUT, SKIPPED = "passed", "failed", "crashed", "timeout", "skipped"
SHORT = 2.0  # seconds that an endless script is given


@dataclass(frozen=True)
class Case:
    """One script and what must be said of it."""

    name: str
    run: str | tuple[str, ...]  # the status of a run; several where more than one is right
    check: str | tuple[str, ...]  # the status of a check
    run_codes: tuple[str, ...] = ()  # each must be among the findings; "a|b": one of the two must
    check_codes: tuple[str, ...] = ()
    run_says: str = ""  # some finding's message, hint or detail must contain it
    check_says: str = ""
    quiet: bool = False  # neither an error nor a warning may be reported, in run and check
    timeout: float | None = None  # seconds to give it; None: the runner's own, no less than ten
    needs_root: bool | None = None  # False: skip it for root; True: only for root; None: for everybody
    linux: bool = False  # only on Linux
    script: str = ""  # path below scripts/, where it is not NAME.py
    make: Callable[[Path], Path] | None = None  # writes the script into a folder, and returns its path
    whole: Callable[[Path], bool] | None = None  # true if the output folder holds all that was written

    @property
    def run_may_be(self) -> frozenset[str]:
        """The statuses that a run may end in."""
        return frozenset({self.run} if isinstance(self.run, str) else self.run)

    @property
    def check_may_be(self) -> frozenset[str]:
        """The statuses that a check may end in."""
        return frozenset({self.check} if isinstance(self.check, str) else self.check)

    def path(self, folder: Path) -> Path:
        """The script's path; one that must be made is made in ``folder``, which is empty."""
        return self.make(folder) if self.make else SCRIPTS / (self.script or f"{self.name}.py")


def make_inputs(folder: Path) -> Path:
    """Lay out the input that every script gets as its second argument."""
    (folder / "sub").mkdir(parents=True)
    (folder / "data.csv").write_bytes(b"a,b\n1,2\n3,4\n")
    (folder / "sub" / "more.txt").write_bytes(b"more\n")
    return folder


# What makes the scripts that cannot lie in a repository.

WORKS = """\
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
"""


def made(name: str | bytes, source: str = WORKS) -> Callable[[Path], Path]:
    """A maker of a script with this name and this source."""

    def make(folder: Path) -> Path:
        path = folder / os.fsdecode(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'"""Is made when it is needed."""\n{source}', encoding="utf-8")
        return path

    return make


def directory(folder: Path) -> Path:
    """A folder whose name ends in .py."""
    (folder / "x.py").mkdir()
    return folder / "x.py"


def link_to(target: str) -> Callable[[Path], Path]:
    """A maker of a link x.py to ``target``."""

    def make(folder: Path) -> Path:
        (folder / "x.py").symlink_to(target)
        return folder / "x.py"

    return make


def pipe(folder: Path) -> Path:
    """A named pipe, which lets nobody go who opens it."""
    os.mkfifo(folder / "x.py")
    return folder / "x.py"


def unreadable(folder: Path) -> Path:
    """A script that nobody but root may read."""
    path = made("x.py")(folder)
    path.chmod(0)
    return path


def linked_with_sibling(folder: Path) -> Path:
    """A link to a script elsewhere: siblings are looked for beside the script, not beside the link."""
    real = made("real/work.py", "import helper\n" + WORKS)(folder)
    (real.parent / "helper.py").write_text("")
    (folder / "x.py").symlink_to(real)
    return folder / "x.py"


def five_megabytes(folder: Path) -> Path:
    """A script of five megabytes, most of it one table."""
    rows = "".join(f"    {number}: 'row {number:060d}',\n" for number in range(62_000))
    return made("x.py", f"TABLE = {{\n{rows}}}\n{WORKS}")(folder)


def beside(helper: str, text: str, source: str) -> Callable[[Path], Path]:
    """A maker of a script with a helper beside it."""

    def make(folder: Path) -> Path:
        (folder / helper).write_text(text)
        return made("x.py", source)(folder)

    return make


LONG_SUM = "TOTAL = " + " + ".join(["1"] * 900) + "\n" + WORKS
LONG_ELIF = (
    "import sys\n\nif len(sys.argv) == 1000:\n    pass\n"
    + "".join(f"elif len(sys.argv) == {number}:\n    pass\n" for number in range(1001, 1090))
    + WORKS
)
LONG_CHAIN = f"TEXT = ''{'.strip()' * 400}\n{WORKS}"
DEEP_BRACKETS = f"NEST = {'(' * 5000}1{')' * 5000}\n{WORKS}"
DEEP_MINUS = f"NUMBER = {'-' * 20_000}1\n{WORKS}"
DEEP_NAMES = f"NAME = sys{'.a' * 100_000}\n{WORKS}"
DELETES_ITSELF = (
    "import os\n\nif __name__ == '__main__':\n    os.remove(__file__)\n    raise ValueError('gone')\n"
)
REWRITES_ITSELF = (
    "import sys\n\nif __name__ == '__main__':\n    open(__file__, 'w').write('# nothing is left\\n' * 3)\n"
    "    raise ValueError('written anew')\n"
)
USES_PIPETEST = "import sys\n\nimport pipetest\n\nassert pipetest.OURS\n" + WORKS


# What tells whether an output is whole.


def text_is(name: str, text: str) -> Callable[[Path], bool]:
    """True if the file holds this text."""
    return lambda out: (out / name).read_text(encoding="utf-8") == text


def gzip_is_whole(out: Path) -> bool:
    """True if all lines come out of the compressed file, and its checksum is right."""
    with gzip.open(out / "result.gz", "rt") as file:
        return file.read() == "".join(f"{number:09d}\n" for number in range(20_000))


def zip_is_whole(out: Path) -> bool:
    """True if the archive has its directory."""
    with zipfile.ZipFile(out / "result.zip") as archive:
        return archive.read("result.txt") == b"done"


def base_is_whole(out: Path) -> bool:
    """True if what was committed is in the database."""
    base = sqlite3.connect(out / "result.db")
    try:
        return bool(base.execute("select count(*) from numbers").fetchone() == (100,))
    finally:
        base.close()


def log_is_whole(out: Path) -> bool:
    """True if every line was logged."""
    return len((out / "result.log").read_text().splitlines()) == 100


CASES: list[Case] = [
    # It leaves: sys.exit, os._exit and what they mean to the system.
    Case("exit_0", PASSED, PASSED, quiet=True),
    Case("exit_0_on_import", FAILED, FAILED, ("missing-output",), ("exited-while-loading",)),
    Case("exit_0_without_output", FAILED, PASSED, ("missing-output",)),
    Case("exit_none", PASSED, PASSED, quiet=True),
    Case("exit_3", FAILED, PASSED, ("exit-code",), run_says="3"),
    Case("exit_3_on_import", FAILED, FAILED, ("exit-code",), ("exited-while-loading",), "3", "3"),
    Case("exit_text", FAILED, PASSED, ("exit-code",), run_says="no column named kiwi"),
    Case(
        "exit_text_on_import",
        FAILED,
        FAILED,
        ("exit-code",),
        ("exited-while-loading",),
        "no column named kiwi",
        "no column named kiwi",
    ),
    Case("exit_text_zero", FAILED, PASSED, ("exit-code",)),
    Case("exit_256", PASSED, PASSED),
    Case("exit_minus_1", FAILED, PASSED, ("exit-code",), run_says="255"),
    Case("exit_true", FAILED, PASSED, ("exit-code",), run_says="1"),
    Case("exit_float", FAILED, PASSED, ("exit-code",), run_says="1"),
    Case("exit_unprintable", FAILED, PASSED, ("exit-code|exception",), run_says="1"),
    Case("exit_builtin", FAILED, PASSED, ("exit-code",), run_says="3"),
    Case("exit_argparse", FAILED, PASSED, ("exit-code",), run_says="--needed-thing"),
    Case("exit_in_thread", PASSED, PASSED),
    Case("exit_in_atexit", PASSED, PASSED),
    Case("exit_swallowed", PASSED, PASSED, quiet=True),
    Case("exit_swallowed_on_import", PASSED, PASSED, quiet=True),
    Case("os_exit_0", PASSED, PASSED, quiet=True),
    Case("os_exit_0_early", FAILED, PASSED, ("missing-output",)),
    Case("os_exit_0_unflushed", FAILED, PASSED, ("empty-output",)),
    Case("os_exit_5", FAILED, PASSED, ("exit-code",), run_says="5"),
    Case("os_exit_0_on_import", FAILED, FAILED, ("missing-output",), ("exited-while-loading",)),
    Case("os_exit_5_on_import", FAILED, FAILED, ("exit-code",), ("exited-while-loading",), "5", "5"),
    Case("os_exit_in_atexit", FAILED, PASSED, ("exit-code",), run_says="5"),
    Case("os_exit_in_thread", FAILED, PASSED, ("exit-code",), run_says="7"),
    # Its output is missing, empty or something else.
    Case("output_nothing", FAILED, PASSED, ("missing-output",), run_says="out"),
    Case("output_empty_file", FAILED, PASSED, ("empty-output",), run_says="out"),
    Case("output_empty_folder", FAILED, PASSED, ("missing-output|empty-output",)),
    Case("output_folder_removed", FAILED, PASSED, ("missing-output",)),
    Case("output_folder_made_anew", PASSED, PASSED, quiet=True),
    Case("output_folder_is_file", (FAILED, PASSED), PASSED),  # a file was written, but a folder was promised
    # It raises.
    Case("exception_in_main", FAILED, PASSED, ("exception",), run_says="KeyError: 'amount'"),
    Case("exception_on_import", FAILED, FAILED, ("exception",), ("load-error",), "'DKK'", "'DKK'"),
    Case("exception_chained", FAILED, PASSED, ("exception",), run_says="could not read the threshold"),
    Case("exception_cyclic", FAILED, PASSED, ("exception",), run_says="first of a ring"),
    Case("exception_group", FAILED, PASSED, ("exception",), run_says="three shards failed"),
    Case(
        "exception_group_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "three shards failed",
        "three shards failed",
    ),
    Case("exception_in_thread", PASSED, PASSED, ("thread-exception",), run_says="the thread lost its thread"),
    Case("exception_in_thread_on_import", PASSED, PASSED, ("thread-exception",), ("thread-exception",)),
    Case("exception_in_thread_hidden", PASSED, PASSED),
    Case("exception_in_atexit", PASSED, PASSED, ("atexit-exception",), run_says="no farewell"),
    Case("exception_in_del", PASSED, PASSED),
    # A plain interpreter ends itself with SIGINT after KeyboardInterrupt; the author wants the traceback.
    Case("exception_keyboard_interrupt", FAILED, PASSED, ("exception",), run_says="KeyboardInterrupt"),
    Case(
        "exception_keyboard_interrupt_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "KeyboardInterrupt",
        "KeyboardInterrupt",
    ),
    Case("exception_generator_exit", FAILED, PASSED, ("exception",), run_says="a generator left"),
    Case("exception_generator_exit_on_import", FAILED, FAILED, ("exception",), ("load-error",)),
    Case("exception_own_base", FAILED, PASSED, ("exception",), run_says="Catastrophe"),
    Case(
        "exception_own_base_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "Catastrophe",
        "Catastrophe",
    ),
    Case("exception_unprintable", FAILED, PASSED, ("exception",), run_says="Unprintable"),
    Case(
        "exception_unprintable_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "Unprintable",
        "Unprintable",
    ),
    Case("exception_str_is_no_text", FAILED, PASSED, ("exception",), run_says="Odd"),
    Case("exception_surrogate", FAILED, PASSED, ("exception",), run_says="half a character"),
    Case(
        "exception_surrogate_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "half a character",
        "half a character",
    ),
    Case("exception_control_characters", FAILED, PASSED, ("exception",), run_says="before"),
    Case(
        "exception_control_characters_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "before",
        "before",
    ),
    Case(
        "exception_markup",
        FAILED,
        PASSED,
        ("exception",),
        run_says="[red]kiwi ]]> <failure/> &amp; {0} {} %s",
    ),
    Case("exception_ten_megabytes", FAILED, PASSED, ("exception",), run_says="a long story"),
    Case(
        "exception_ten_megabytes_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "a long story",
        "a long story",
    ),
    Case("exception_recursion", FAILED, PASSED, ("exception",), run_says="RecursionError"),
    Case(
        "exception_recursion_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "RecursionError",
        "RecursionError",
    ),
    Case("exception_in_exec", FAILED, PASSED, ("exception|syntax-error",), run_says="SyntaxError"),
    Case("exception_in_coroutine", FAILED, PASSED, ("exception",), run_says="awaited in vain"),
    Case("exception_swallowed_by_hook", FAILED, PASSED, ("exception|exit-code",)),
    Case("exception_hook_raises", FAILED, PASSED, ("exception|exit-code",), run_says="the first fault"),
    Case("exception_hook_exits_0", PASSED, PASSED),
    Case("exception_hook_is_none", FAILED, PASSED, ("exception",), run_says="no hook to tell it"),
    Case("exception_hook_on_import", FAILED, FAILED, ("exception|exit-code",), ("load-error",)),
    Case("exception_without_stderr", FAILED, PASSED, ("exception|exit-code",)),
    Case("exception_broken_traceback", FAILED, PASSED, ("exception",), run_says="shown all the same"),
    Case("exception_hidden_class", FAILED, PASSED, ("exception",), run_says="of a class without a module"),
    Case("exception_after_flood", FAILED, PASSED, ("exception",), run_says="after the flood"),
    # A signal ends it, or it plays with signals.
    Case("signal_segfault", CRASHED, PASSED, ("killed",), run_says="SIGSEGV"),
    Case("signal_segfault_on_import", CRASHED, CRASHED, ("killed",), ("killed",), "SIGSEGV", "SIGSEGV"),
    Case("signal_segfault_in_thread", CRASHED, PASSED, ("killed",), run_says="SIGSEGV"),
    Case("signal_segfault_at_exit", CRASHED, PASSED, ("killed",), run_says="SIGSEGV"),
    Case("signal_segfault_faulthandler", CRASHED, PASSED, ("killed",), run_says="SIGSEGV"),
    # Newer interpreters raise RecursionError.
    Case("signal_stack_overflow", (CRASHED, FAILED), PASSED, ("killed|exception",), linux=True),
    Case("signal_abort", CRASHED, PASSED, ("killed",), run_says="SIGABRT"),
    Case("signal_abort_on_import", CRASHED, CRASHED, ("killed",), ("killed",), "SIGABRT", "SIGABRT"),
    Case("signal_sigkill", CRASHED, PASSED, ("killed",), run_says="SIGKILL"),
    Case("signal_sigkill_on_import", CRASHED, CRASHED, ("killed",), ("killed",), "SIGKILL", "SIGKILL"),
    Case("signal_sigterm", CRASHED, PASSED, ("killed",), run_says="SIGTERM"),
    Case("signal_sigterm_on_import", CRASHED, CRASHED, ("killed",), ("killed",), "SIGTERM", "SIGTERM"),
    # As with KeyboardInterrupt: a plain interpreter ends itself with SIGINT.
    Case("signal_sigint", FAILED, PASSED, ("exception",), run_says="KeyboardInterrupt"),
    Case("signal_sigusr1", CRASHED, PASSED, ("killed",), run_says="SIGUSR1"),
    Case("signal_sigalrm", CRASHED, PASSED, ("killed",), run_says="SIGALRM"),
    Case("signal_cpu_limit", CRASHED, PASSED, ("killed",), run_says="SIGXCPU", linux=True),
    Case("signal_killpg", CRASHED, PASSED, ("killed",), run_says="SIGTERM"),
    Case("signal_killpg_on_import", CRASHED, CRASHED, ("killed",), ("killed",), "SIGKILL", "SIGKILL"),
    # Whether its parent can be killed is up to the tester, which must live in any case.
    Case("signal_kill_parent", (PASSED, FAILED, CRASHED), PASSED),
    Case("signal_kill_parent_on_import", (PASSED, FAILED, CRASHED), (PASSED, FAILED, CRASHED)),
    Case("signal_sigstop", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("signal_timer_handler", PASSED, PASSED, quiet=True),
    Case("signal_timer_left_on_import", PASSED, PASSED),
    Case("signal_sigchld_ignored", PASSED, PASSED),
    Case("signal_sigchld_handler", PASSED, PASSED),
    Case("signal_all_ignored", PASSED, PASSED),
    Case("signal_all_blocked", PASSED, PASSED),
    Case("signal_state_is_plain", PASSED, PASSED, quiet=True),
    # It never ends; each would after a minute, should the tester break.
    Case("endless_python", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_python_on_import", TIMEOUT, TIMEOUT, ("timeout",), ("timeout",), timeout=SHORT),
    Case("endless_flat", TIMEOUT, SKIPPED, ("timeout",), ("runs-on-import",), timeout=SHORT),
    Case("endless_c", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_c_on_import", TIMEOUT, TIMEOUT, ("timeout",), ("timeout",), timeout=SHORT),
    Case("endless_regex", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_sleep", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_sigterm_ignored", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_sigterm_ignored_on_import", TIMEOUT, TIMEOUT, ("timeout",), ("timeout",), timeout=SHORT),
    Case("endless_sigterm_exits_0", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_sigterm_swallowed", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_deadlock", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_deadlock_on_import", TIMEOUT, TIMEOUT, ("timeout",), ("timeout",), timeout=SHORT),
    Case("endless_atexit", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_wait_for_child", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    Case("endless_children_ignore_sigterm", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    # Threads.
    Case("thread_daemon_endless", PASSED, PASSED),
    Case("thread_daemon_endless_on_import", PASSED, PASSED),
    Case("thread_daemon_busy", PASSED, PASSED),
    Case("thread_endless", TIMEOUT, PASSED, ("timeout",), timeout=SHORT),
    # Loaded it is; whether a check waits for the thread is up to the tester.
    Case("thread_endless_on_import", TIMEOUT, (PASSED, TIMEOUT), ("timeout",), timeout=SHORT),
    Case("thread_late_output", PASSED, PASSED, quiet=True, whole=text_is("result.txt", "late")),
    Case("thread_late_output_after_exit", PASSED, PASSED, quiet=True, whole=text_is("result.txt", "late")),
    Case(
        "thread_late_output_after_exception",
        FAILED,
        PASSED,
        ("exception",),
        whole=text_is("result.txt", "late"),
    ),
    Case("thread_state_is_plain", PASSED, PASSED, quiet=True),
    # Processes, memory and limits.
    Case("process_child_left", PASSED, PASSED, ("left-process",)),
    Case("process_child_left_on_import", PASSED, PASSED, ("left-process",), ("left-process",)),
    Case("process_daemon_left", PASSED, PASSED, ("left-process",), linux=True),
    Case("process_daemon_left_on_import", PASSED, PASSED, ("left-process",), ("left-process",), linux=True),
    Case("process_daemon_left_by_failure", FAILED, PASSED, ("exception", "left-process"), linux=True),
    Case("process_daemon_writes_on", PASSED, PASSED, ("left-process",), linux=True),
    Case("process_fork_bomb", PASSED, PASSED, ("left-process",), linux=True),
    Case("process_fork_both_return", PASSED, PASSED, whole=text_is("child.txt", "done")),
    Case("process_fork_both_return_on_import", PASSED, PASSED, whole=text_is("child.txt", "done")),
    Case("process_fork_child_raises", PASSED, PASSED),
    Case("process_fork_child_exits", PASSED, PASSED),
    Case("process_fork_parent_exits_first", FAILED, PASSED, ("exit-code",), run_says="3"),
    Case("process_fork_unflushed", PASSED, PASSED),
    Case("process_zombies", PASSED, PASSED, quiet=True),
    Case("process_setsid", PASSED, PASSED),
    Case("process_exec", PASSED, PASSED, quiet=True, whole=text_is("result.txt", "done")),
    Case("process_exec_fails", FAILED, PASSED, ("exit-code",), run_says="4"),
    Case("process_exec_on_import", FAILED, FAILED, ("missing-output",), ("exited-while-loading",)),
    Case("process_pool_fork", PASSED, PASSED, quiet=True),
    Case("process_pool_spawn", PASSED, PASSED, quiet=True),
    Case("process_pool_forkserver", PASSED, PASSED, quiet=True),
    Case("process_pool_futures", PASSED, PASSED, quiet=True),
    Case("process_pool_left_open", PASSED, PASSED),
    Case("process_daemonic_children", PASSED, PASSED, quiet=True),
    Case("process_joined_at_exit", PASSED, PASSED, quiet=True, whole=text_is("result.txt", "late")),
    Case("process_manager", PASSED, PASSED, quiet=True),
    Case("process_nice", PASSED, PASSED, quiet=True),
    Case("process_memory", PASSED, PASSED, quiet=True),
    Case("process_memory_limit", FAILED, PASSED, ("exception",), run_says="MemoryError", linux=True),
    Case("process_few_descriptors", PASSED, PASSED),
    Case("process_few_descriptors_on_import", PASSED, PASSED),
    # Standard streams.
    Case("stream_200_mb", PASSED, PASSED),
    Case("stream_200_mb_stderr", PASSED, PASSED),
    Case("stream_20_mb_on_import", PASSED, PASSED),
    Case("stream_one_line", FAILED, PASSED, ("exit-code",)),
    Case("stream_not_utf8", FAILED, PASSED, ("exit-code",), run_says="kiwi"),
    Case("stream_escapes", FAILED, PASSED, ("exit-code",), run_says="kiwi"),
    Case(
        "stream_escapes_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        check_says="after the escapes",
    ),
    Case("stream_unicode", PASSED, PASSED, quiet=True),
    Case("stream_surrogate", FAILED, PASSED, ("exception",), run_says="UnicodeEncodeError"),
    Case("stream_looks_like_ours", FAILED, PASSED, ("exit-code",), run_says="3"),
    Case("stream_stdout_closed", PASSED, PASSED),
    Case("stream_stdout_none", PASSED, PASSED),
    Case("stream_stdout_raises", FAILED, PASSED, ("exit-code",), run_says="120"),
    Case("stream_stdout_raises_on_import", FAILED, PASSED, ("exit-code",), run_says="120"),
    Case("stream_stdout_write_raises", FAILED, PASSED, ("exception",), run_says="the stream takes nothing"),
    Case("stream_stdout_captured", PASSED, PASSED, whole=text_is("result.txt", "to a string\n")),
    Case("stream_stdout_full", FAILED, PASSED, ("exit-code",), run_says="120", linux=True),
    Case("stream_stdout_closed_unflushed", FAILED, PASSED, ("exit-code",), run_says="120"),
    Case("stdin_read", PASSED, PASSED, quiet=True),
    Case("stdin_input", FAILED, PASSED, ("exception",), run_says="EOFError"),
    Case("stdin_input_on_import", FAILED, FAILED, ("exception",), ("load-error",), "EOFError", "EOFError"),
    Case("stdin_breakpoint", FAILED, PASSED, ("exception",), run_says="BdbQuit"),
    Case("stdin_getpass", FAILED, PASSED, ("exception",), run_says="EOFError"),
    # Descriptors.
    Case("descriptors_closed", PASSED, PASSED),
    Case("descriptors_closed_on_import", PASSED, PASSED),
    Case("descriptors_closed_then_raises", FAILED, PASSED, ("exception|exit-code",)),
    Case(
        "descriptors_closed_then_raises_on_import",
        FAILED,
        FAILED,
        ("exception|exit-code",),
        ("load-error|exited-while-loading",),
    ),
    Case("descriptors_garbage", PASSED, PASSED),
    Case("descriptors_read", PASSED, PASSED),
    Case("descriptors_truncated", PASSED, PASSED),
    Case("descriptors_inherited_none", PASSED, PASSED, quiet=True),
    # It changes the interpreter under the tester's feet.
    Case("tamper_environ", PASSED, PASSED),
    Case("tamper_sys_path", PASSED, PASSED),
    Case("tamper_sys_modules", PASSED, PASSED),
    Case("tamper_sys_modules_then_raises", FAILED, PASSED, ("exception",), run_says="with no modules left"),
    Case(
        "tamper_sys_modules_then_raises_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "with no modules left",
        "with no modules left",
    ),
    Case("tamper_sys_modules_replaced", PASSED, PASSED),
    Case("tamper_builtins", PASSED, PASSED),
    Case("tamper_builtins_deleted", PASSED, PASSED),
    Case("tamper_import", PASSED, PASSED),
    Case("tamper_import_then_raises", FAILED, PASSED, ("exception|exit-code",)),
    Case("tamper_os_functions", PASSED, PASSED),
    Case("tamper_os_exit_then_raises", FAILED, PASSED, ("exception",), run_says="with no way out"),
    Case("tamper_internals", PASSED, PASSED),
    Case("tamper_main_module", PASSED, PASSED),
    Case("tamper_own_names", PASSED, PASSED),
    Case("tamper_argv", PASSED, PASSED),
    Case("tamper_trace", PASSED, PASSED),
    Case("tamper_trace_raises", FAILED, PASSED, ("exception",), run_says="traced to death"),
    Case("tamper_audit_hook", PASSED, PASSED),
    Case("tamper_gc", PASSED, PASSED),
    Case("tamper_recursion_limit", PASSED, PASSED),
    Case("tamper_recursion_used", PASSED, PASSED, quiet=True),
    Case("tamper_locale", PASSED, PASSED),
    Case("tamper_tempdir", PASSED, PASSED),
    # It harms its inputs and its folders; the runner proves that nothing outside of them changed.
    Case("files_chdir", PASSED, PASSED),
    Case("files_chdir_then_raises", FAILED, PASSED, ("exception",), run_says="from another folder"),
    Case("files_cwd_unreadable", PASSED, PASSED),
    Case("files_cwd_removed", PASSED, PASSED),
    Case("files_sandbox_removed", PASSED, PASSED),
    Case("files_inputs_deleted", PASSED, PASSED, whole=text_is("result.txt", "a,b\n1,2\n3,4\n")),
    Case("files_inputs_truncated", PASSED, PASSED),
    Case("files_inputs_replaced", PASSED, PASSED),
    Case("files_inputs_changed_in_place", PASSED, PASSED),
    Case("files_inputs_moved", PASSED, PASSED, whole=text_is("result.csv", "a,b\n1,2\n3,4\n")),
    Case("files_inputs_hard_linked", PASSED, PASSED, whole=text_is("result.csv", "a,b\n1,2\n3,4\n9,9\n")),
    Case("files_written_elsewhere", PASSED, PASSED),
    Case("files_written_elsewhere_only", FAILED, PASSED, ("missing-output",)),
    # A link is not followed, so a plain look that follows links would find more here than there is.
    Case("files_links_only", FAILED, PASSED, ("missing-output", "link-in-output")),
    Case("files_links_beside", PASSED, PASSED, ("link-in-output",)),
    Case("files_links_loop", PASSED, PASSED, ("link-in-output",)),
    Case("files_link_in_place_of_output", (FAILED, PASSED), PASSED),
    Case("files_unreadable", PASSED, PASSED),
    Case("files_output_unreadable", PASSED, PASSED),
    Case("files_umask", PASSED, PASSED),
    Case("files_fifo", PASSED, PASSED),
    Case("files_fifo_only", FAILED, PASSED, ("missing-output|empty-output",)),
    Case("files_socket", PASSED, PASSED),
    Case("files_sparse", PASSED, PASSED, linux=True),
    Case("files_many", PASSED, PASSED, quiet=True),
    Case("files_deep", PASSED, PASSED, linux=True),
    Case("files_odd_names", PASSED, PASSED, linux=True),
    # It looks whether it is alone: what it sees must be what a plain interpreter shows.
    Case("state_argv", PASSED, PASSED, quiet=True),
    Case("state_globals", PASSED, PASSED, quiet=True),
    Case("state_flags", PASSED, PASSED, quiet=True),
    Case("state_modules", PASSED, PASSED, quiet=True),
    Case("state_modules_on_import", PASSED, PASSED, quiet=True),
    Case("state_environ", PASSED, PASSED, quiet=True),
    Case("state_main_module", PASSED, PASSED, quiet=True),
    Case("state_pickle", PASSED, PASSED, quiet=True),
    Case("state_pickle_on_import", PASSED, PASSED, quiet=True),
    Case("state_dataclass", PASSED, PASSED, quiet=True),
    Case("state_runpy", PASSED, PASSED, quiet=True),
    Case("state_traceback", PASSED, PASSED, quiet=True),
    Case("state_asyncio", PASSED, PASSED, quiet=True),
    Case("state_warnings", PASSED, PASSED, quiet=True),
    # Imports.
    Case(
        "import_missing",
        FAILED,
        FAILED,
        ("missing-module",),
        ("missing-module",),
        "no_such_package_kiwi",
        "no_such_package_kiwi",
    ),
    Case(
        "import_missing_from",
        FAILED,
        FAILED,
        ("missing-module",),
        ("missing-module",),
        "no_such_package_kiwi",
    ),
    Case(
        "import_missing_flat",
        FAILED,
        FAILED,
        ("missing-module",),
        ("missing-module",),
        "no_such_package_kiwi",
    ),
    Case("import_missing_guarded", PASSED, PASSED, quiet=True),
    Case("import_missing_for_types", PASSED, PASSED, quiet=True),
    Case(
        "import_missing_in_function",
        PASSED,
        PASSED,
        check_codes=("missing-module",),
        check_says="no_such_package_kiwi",
    ),
    Case(
        "import_missing_in_called_function",
        FAILED,
        PASSED,
        ("missing-module|exception",),
        ("missing-module",),
        "no_such_package_kiwi",
        "no_such_package_kiwi",
    ),
    Case("import_missing_in_branch", PASSED, PASSED),
    Case(
        "import_missing_in_helper",
        FAILED,
        FAILED,
        ("missing-module|exception",),
        ("missing-module|load-error",),
        "no_such_package_kiwi",
        "no_such_package_kiwi",
    ),
    Case(
        "import_missing_name",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "no_such_name_kiwi",
        "no_such_name_kiwi",
    ),
    Case(
        "import_missing_submodule",
        FAILED,
        FAILED,
        ("missing-module|exception",),
        ("missing-module|load-error",),
        "no_such_part_kiwi",
        "no_such_part_kiwi",
    ),
    Case("import_half_xml", FAILED, PASSED, ("exception",), run_says="no attribute 'dom'"),
    Case(
        "import_half_xml_on_import",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        "no attribute 'dom'",
        "no attribute 'dom'",
    ),
    Case("import_half_concurrent", FAILED, PASSED, ("exception",), run_says="no attribute 'futures'"),
    Case("import_half_then_whole", PASSED, PASSED, quiet=True),
    Case("import_shadowed", PASSED, PASSED, quiet=True, script="import_shadowed/import_shadowed.py"),
    Case("import_sibling", PASSED, PASSED, quiet=True, script="import_sibling/import_sibling.py"),
    Case("same_helper_a", PASSED, PASSED, quiet=True, script="same_helper_a/use_helper.py"),
    Case("same_helper_b", PASSED, PASSED, quiet=True, script="same_helper_b/use_helper.py"),
    Case(
        "relative_in_package",
        FAILED,
        PASSED,
        ("relative-import|exception",),
        ("relative-import",),
        "no known parent package",
        script="pkg/relative.py",
    ),
    Case(
        "relative_without_package",
        FAILED,
        FAILED,
        ("relative-import|exception",),
        ("relative-import|load-error",),
        "no known parent package",
    ),
    Case("stdlib_name_unused", PASSED, PASSED, script="stdlib_names/json.py"),
    Case("stdlib_name_of_itself", FAILED, PASSED, ("exception",), script="stdlib_names/queue.py"),
    Case(
        "stdlib_name_needed_by_others",
        FAILED,
        FAILED,
        ("exception",),
        ("load-error",),
        script="stdlib_token/token.py",
    ),
    Case("stdlib_name_of_the_testers", PASSED, PASSED, script="stdlib_signal/signal.py"),
    # Entry points.
    Case("entry_guard_reversed", PASSED, PASSED, quiet=True),
    Case("entry_guard_in", PASSED, PASSED, quiet=True),
    Case("entry_guard_negated", PASSED, PASSED, quiet=True),
    Case("entry_guard_and", PASSED, PASSED, quiet=True),
    Case("entry_guard_not", PASSED, PASSED, quiet=True),
    Case("entry_guard_expression", PASSED, PASSED),
    Case("entry_guard_match", PASSED, (PASSED, SKIPPED)),  # not to load it is careful, and no fault
    Case("entry_guard_in_text", PASSED, SKIPPED, check_codes=("runs-on-import",)),
    Case("entry_flat", PASSED, SKIPPED, check_codes=("runs-on-import",)),
    Case("entry_flat_segfault", CRASHED, SKIPPED, ("killed",), ("runs-on-import",), run_says="SIGSEGV"),
    Case("entry_flat_calls_main", PASSED, SKIPPED, check_codes=("runs-on-import",)),
    Case("entry_flat_exit_main", PASSED, SKIPPED, check_codes=("runs-on-import",)),
    Case("entry_main_in_class", PASSED, SKIPPED, check_codes=("runs-on-import",)),
    Case("entry_main_async", PASSED, PASSED, quiet=True),
    Case("entry_main_async_not_awaited", FAILED, PASSED, ("missing-output",)),
    Case("entry_main_class", PASSED, PASSED),
    Case("entry_main_lambda", PASSED, PASSED),
    Case("entry_main_lambda_alone", FAILED, PASSED, ("missing-output|no-entry-point",)),
    Case("entry_main_imported", PASSED, PASSED, script="entry_main_imported/entry_main_imported.py"),
    Case(
        "entry_main_imported_alone",
        FAILED,
        PASSED,
        ("missing-output|no-entry-point",),
        script="entry_main_imported/entry_main_imported_alone.py",
    ),
    Case("entry_main_decorated", PASSED, PASSED),
    Case("entry_main_conditional", PASSED, PASSED),
    Case("entry_main_not_callable", FAILED, FAILED, check_codes=("no-entry-point",), check_says="main"),
    Case("entry_main_not_callable_with_guard", PASSED, PASSED),
    Case("entry_main_deleted", PASSED, PASSED),
    Case("entry_none", FAILED, FAILED, check_codes=("no-entry-point",)),
    # Source that cannot be read, or only just.
    Case("source_only_docstring", FAILED, FAILED, check_codes=("no-entry-point",)),
    Case("source_empty", FAILED, FAILED, check_codes=("no-entry-point",)),
    Case("source_syntax_error", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_tabs_mixed", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_python_2", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_notebook", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_merge_conflict", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_return_outside", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_future_late", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_future_annotations", PASSED, PASSED, quiet=True),
    Case("source_future_not_inherited", PASSED, PASSED, quiet=True),
    Case("source_invalid_escape", PASSED, PASSED),
    Case("source_assert", FAILED, PASSED, ("exception",), run_says="one is not two"),
    Case("source_bom", PASSED, PASSED, quiet=True),
    Case("source_latin_1", PASSED, PASSED, quiet=True, whole=text_is("result.txt", "smørrebrød")),
    Case("source_not_utf8", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    # compile() and ast.parse() take these bytes; only the interpreter that reads the file refuses them.
    Case("source_not_utf8_comment", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_unknown_coding", FAILED, FAILED, ("syntax-error",), ("syntax-error",), "klingon", "klingon"),
    Case("source_bom_contradicted", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_null_bytes", FAILED, FAILED, ("syntax-error",), ("syntax-error",), "null byte", "null byte"),
    Case("source_utf_16", FAILED, FAILED, ("syntax-error",), ("syntax-error",)),
    Case("source_crlf", PASSED, PASSED, quiet=True),
    Case("source_cr", PASSED, PASSED, quiet=True),
    Case("source_no_newline", PASSED, PASSED, quiet=True),
    Case("source_shebang", PASSED, PASSED, quiet=True),
    Case("source_five_megabytes", PASSED, PASSED, quiet=True, make=five_megabytes),
    Case("source_long_sum", PASSED, PASSED, quiet=True, make=made("x.py", LONG_SUM)),
    Case("source_long_elif", PASSED, PASSED, quiet=True, make=made("x.py", LONG_ELIF)),
    Case("source_long_chain", PASSED, PASSED, quiet=True, make=made("x.py", LONG_CHAIN)),
    Case(
        "source_deep_brackets",
        FAILED,
        FAILED,
        ("syntax-error",),
        ("syntax-error",),
        make=made("x.py", DEEP_BRACKETS),
    ),
    # MemoryError, RecursionError or worse: the compiler gives up, and the tester must not go down with it.
    Case("source_deep_minus", (FAILED, CRASHED), (FAILED, CRASHED), make=made("x.py", DEEP_MINUS)),
    Case("source_deep_names", (FAILED, CRASHED), (FAILED, CRASHED), make=made("x.py", DEEP_NAMES)),
    # Files that are no script.
    Case(
        "file_missing",
        FAILED,
        FAILED,
        ("missing-script",),
        ("missing-script",),
        make=lambda folder: folder / "x.py",
    ),
    Case(
        "file_directory",
        FAILED,
        FAILED,
        ("missing-script|unreadable-script",),
        ("missing-script|unreadable-script",),
        make=directory,
    ),
    Case(
        "file_link_to_itself",
        FAILED,
        FAILED,
        ("missing-script|unreadable-script",),
        ("missing-script|unreadable-script",),
        make=link_to("x.py"),
    ),
    Case(
        "file_link_dangling",
        FAILED,
        FAILED,
        ("missing-script|unreadable-script",),
        ("missing-script|unreadable-script",),
        make=link_to("nowhere.py"),
    ),
    # A plain interpreter waits for ever for somebody to write the script.
    Case(
        "file_pipe",
        (FAILED, TIMEOUT),
        FAILED,
        check_codes=("missing-script|unreadable-script",),
        timeout=SHORT,
        make=pipe,
    ),
    Case(
        "file_unreadable",
        FAILED,
        FAILED,
        ("unreadable-script",),
        ("unreadable-script",),
        needs_root=False,
        make=unreadable,
    ),
    Case("file_linked_with_sibling", PASSED, PASSED, quiet=True, make=linked_with_sibling),
    Case(
        "file_deletes_itself",
        FAILED,
        PASSED,
        ("exception",),
        run_says="ValueError: gone",
        make=made("x.py", DELETES_ITSELF),
    ),
    Case(
        "file_rewrites_itself",
        FAILED,
        PASSED,
        ("exception",),
        run_says="written anew",
        make=made("x.py", REWRITES_ITSELF),
    ),
    Case(
        "file_beside_pipetest",
        PASSED,
        PASSED,
        quiet=True,
        make=beside("pipetest.py", "OURS = True\n", USES_PIPETEST),
    ),
    Case(
        "file_beside_sitecustomize",
        PASSED,
        PASSED,
        quiet=True,
        make=beside("sitecustomize.py", "raise SystemExit(9)\n", WORKS),
    ),
    # Names that a shell, a terminal, a format or a report might trip over.
    Case("name_spaces", PASSED, PASSED, quiet=True, make=made(" two  words .py")),
    Case("name_quotes", PASSED, PASSED, quiet=True, make=made('it\'s "quoted" `and` \\ so.py')),
    Case("name_newline", PASSED, PASSED, quiet=True, make=made("new\nline\t.py")),
    Case("name_letters", PASSED, PASSED, quiet=True, make=made("smørrebrød 数据 🥝.py")),
    Case("name_combining", PASSED, PASSED, quiet=True, make=made("e\u0301tude.py")),
    Case("name_escapes", PASSED, PASSED, quiet=True, make=made("\x1b[2J\x07.py")),
    Case("name_markup", PASSED, PASSED, quiet=True, make=made("[bold red]{0}%s&lt;.py")),
    Case("name_shell", PASSED, PASSED, quiet=True, make=made("$(exit 3); exit 3 #*.py")),
    Case("name_dash", PASSED, PASSED, quiet=True, make=made("-c.py")),
    Case("name_long", PASSED, PASSED, quiet=True, make=made("x" * 250 + ".py")),
    Case("name_dots", PASSED, PASSED, quiet=True, make=made("a.b.c.py")),
    Case("name_hidden", PASSED, PASSED, quiet=True, make=made(".py")),
    Case("name_without_suffix", PASSED, PASSED, quiet=True, make=made("script")),
    Case("name_main", PASSED, PASSED, quiet=True, make=made("__main__.py")),
    Case("name_init", PASSED, PASSED, quiet=True, make=made("__init__.py")),
    Case("name_ours", PASSED, PASSED, quiet=True, make=made("pipetest.py")),
    Case("name_of_folder", PASSED, PASSED, quiet=True, make=made("odd 'folder\n{x}/[y]/x.py")),
    Case("name_not_utf8", PASSED, PASSED, linux=True, make=made(b"\xff\xfe.py")),
    # What an interpreter still does after the last line.
    Case(
        "last_text",
        PASSED,
        SKIPPED,
        check_codes=("runs-on-import",),
        whole=text_is("result.txt", "".join(f"{number:09d}\n" for number in range(100_000))),
    ),
    Case("last_text_guarded", PASSED, PASSED, whole=text_is("result.txt", "done")),
    Case("last_text_in_cycle", FAILED, PASSED, ("empty-output",)),
    Case("last_text_in_sys", PASSED, PASSED, whole=text_is("result.txt", "done")),
    Case("last_text_in_thread_local", PASSED, PASSED, whole=text_is("second.txt", "done")),
    Case("last_stdout_to_file", PASSED, PASSED, whole=text_is("result.txt", "done\n")),
    Case("last_gzip", PASSED, SKIPPED, whole=gzip_is_whole),
    Case("last_zip", PASSED, SKIPPED, whole=zip_is_whole),
    Case(
        "last_csv",
        PASSED,
        SKIPPED,
        whole=text_is("result.csv", "".join(f"{number},{number * number}\n" for number in range(20_000))),
    ),
    Case("last_sqlite", PASSED, PASSED, whole=base_is_whole),
    Case("last_del", PASSED, PASSED, whole=text_is("result.txt", "done")),
    Case("last_atexit", PASSED, PASSED, quiet=True, whole=text_is("result.txt", "first second")),
    Case("last_atexit_after_exit", PASSED, PASSED, quiet=True, whole=text_is("result.txt", "done")),
    Case("last_atexit_after_exception", FAILED, PASSED, ("exception",), run_says="raised before the handler"),
    Case("last_finalize", PASSED, PASSED, quiet=True, whole=text_is("result.txt", "done")),
    Case("last_generator", PASSED, PASSED, whole=text_is("result.txt", "done")),
    Case("last_logging", PASSED, PASSED, quiet=True, whole=log_is_whole),
    Case("last_tempfile", PASSED, PASSED, quiet=True),
    Case("last_executor", PASSED, PASSED, quiet=True, whole=text_is("5.txt", "done")),
]
