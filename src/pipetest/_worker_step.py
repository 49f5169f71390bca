"""The step process: run a file as ``python file.py`` does, say what came of it, end as an interpreter ends.

What a step has to say of itself (an exception, its entry point) is written to the file ``answer``; a step
that wrote none is judged by its exit.
"""

import _signal as signal  # the builtin half of signal: the other one costs an import of enum
import atexit
import builtins
import gc
import marshal
import os
import sys

from __main__ import BASELINE  # the modules that a fresh interpreter has before the first line of a script
from _worker_dormant import LOADERS, borrow, originals, search_path
from _worker_guard import install

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

# Kept from before a script runs, which may replace them.
exit_now, write, open_fd, close_fd, getpid = os._exit, os.write, os.open, os.close, os.getpid
fstat, marshal_dumps = os.fstat, marshal.dumps
ANSWER_FD = 199
WORKER_HOME = os.environ.get("HOME", "")
VAR_KEYWORDS = 0x08  # of code.co_flags: inspect.CO_VARKEYWORDS
SYSTEM = [(module, frozenset(vars(module))) for module in (sys, builtins)]  # what they hold of their own
OURS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_worker")  # how our files begin
GUARD = "pipetest_guard"  # our function in which a refused call ends; its file may be a copy of ours
INTERRUPTED = -2  # instead of an exit code: an uncaught KeyboardInterrupt ends a process by SIGINT
DUMP_SIGNAL = signal.SIGRTMAX - 1 if hasattr(signal, "SIGRTMAX") else signal.SIGINFO


def compiled(path, place):
    """The code of a script that is found at ``place`` and goes by the name of ``path``.

    Raises what the interpreter would raise.
    """
    with open(place, "rb") as file:
        source = file.read()
    if b"coding" not in b"".join(source.split(b"\n", 2)[:2]):
        source.decode("utf-8")  # compile() lets other bytes pass in comments; the interpreter does not
    return compile(source, path, "exec", dont_inherit=True)


def run_file(path, name, package, code):
    """Execute a file as ``python file.py`` does. Returns its module."""
    module = type(sys)(name)
    vars(module).update(
        __file__=path,
        __cached__=None,
        __builtins__=builtins,
        __package__=package,
        __loader__=LOADERS.SourceFileLoader(name, path),
        __annotations__={},
    )
    sys.modules["__main__"] = sys.modules[name] = module
    exec(code, vars(module))
    return module


def call_main(module, given):
    """Call ``main`` with what a pipeline gives, bound by parameter name."""
    (argparse,) = borrow("argparse")
    given = dict(given, job_args=argparse.Namespace(**given["job_args"]))
    positional, named = [], {}
    listed, takes_any = parameters(module.main)
    for name, is_positional, is_required in listed:
        if name.startswith("logger") and is_required:
            given[name] = step_logger()
        if name in given and is_positional:
            positional.append(given.pop(name))
        elif name in given:
            named[name] = given.pop(name)
    module.main(*positional, **named, **(given if takes_any else {}))


def parameters(function):
    """Name, positional-only, required: of each parameter; and whether it takes all others by name.

    Without the import of inspect, which a script could see.
    """
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    if code is None:  # a class, a partial, an object: given all that a pipeline has
        return [], True
    count = code.co_argcount
    first_default = count - len(function.__defaults__ or ())
    found = [
        (name, index < getattr(code, "co_posonlyargcount", 0), index < first_default)
        for index, name in enumerate(code.co_varnames[:count])
    ]
    optional = function.__kwdefaults__ or {}
    keyword_only = code.co_varnames[count : count + code.co_kwonlyargcount]
    found += [(name, False, name not in optional) for name in keyword_only]
    return found, bool(code.co_flags & VAR_KEYWORDS)


def step_logger():
    """For a ``main`` that demands a logger: some scripts call it, others call its methods."""
    import logging

    class StepLogger(logging.Logger):
        def __call__(self, message="", *args):
            self.info(message, *args)

    logger = StepLogger("step", logging.INFO)
    logger.addHandler(logging.StreamHandler(sys.stdout))
    return logger


def attempt(request, code=None):
    """Do what the request asks for in this process. Returns the exit code."""
    mode, path = request["mode"], request["path"]
    answer = {}
    me = getpid()
    try:
        code = code or compiled(path, path)
        if mode == "script":
            run_file(path, "__main__", None, code)
            answer = {"done": True}
        else:
            # The name under which multiprocessing's children load a main file: not "__main__", so that
            # a guard keeps its work, and as good as it for pickle.
            module = run_file(path, "__mp_main__", request.get("package"), code)
            if mode == "main":
                call_main(module, request["given"])
            answer = {"done": True, "main": callable(vars(module).get("main"))}
        code = 0
    except SystemExit as error:
        code, answer = exit_code(error), {"exit": True}
    except BaseException as error:
        code, answer = describe(error)
    if getpid() == me:  # not in a fork that the script made and that came back here
        say(request["answer"], answer)
    return code


def exit_code(error):
    """What the interpreter makes of ``SystemExit.code``."""
    if error.code is None:
        return 0
    if isinstance(error.code, int):
        return error.code & 0xFF
    try:
        sys.stderr.write("%s\n" % (error.code,))
    except BaseException:
        pass
    return 1


def describe(error):
    """Print the traceback as the interpreter would, without our frames; the exit code, and what it says."""
    tb = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename.startswith(OURS):
        tb = tb.tb_next
    error.__traceback__ = tb
    cut_guard(error, [])
    code = INTERRUPTED if isinstance(error, KeyboardInterrupt) else 1
    try:
        sys.excepthook(type(error), error, tb)
    except SystemExit as leaving:  # a hook that decides how the process ends, as it may
        return exit_code(leaving), {"exit": True}
    except BaseException as failing:
        sys.__excepthook__(type(failing), failing, failing.__traceback__)
        sys.__excepthook__(type(error), error, tb)
    try:
        return code, excerpt(error, tb)
    except BaseException:  # a script that broke what we need to describe it
        return code, {"error": type(error).__name__}


def cut_guard(error, done):
    """Take the guard's own frame off the end of tracebacks: what it refused, the script's line asked for.

    Of the error and of those that it was raised from: urllib says in its own words that there is no network.
    """
    while error is not None and not any(error is one for one in done):
        done.append(error)
        tb = error.__traceback__
        while tb is not None and tb.tb_next is not None:
            if tb.tb_next.tb_frame.f_code.co_name == GUARD:
                tb.tb_next = None
            tb = tb.tb_next
        cut_guard(error.__cause__, done)
        error = error.__context__


def excerpt(error, tb):
    """The error as plain data, bounded in size; no import, which the script's folder might answer."""
    try:
        message = str(error)[:2000]
    except BaseException:
        message = "<its text cannot be read: __str__ failed>"
    frames = []
    while tb is not None:
        code = tb.tb_frame.f_code
        frames.append([code.co_filename, tb.tb_lineno, code.co_name])
        tb = tb.tb_next
    said = {"error": type(error).__name__, "message": message, "frames": frames[-50:]}
    if isinstance(error, SyntaxError):
        said["syntax"] = [error.filename, error.lineno, error.text]
    if isinstance(error, ImportError):
        said["module"] = error.name
    return said


def open_answer(path):
    """Open the answer before the script runs: it may use up the descriptors, or forbid to open files.

    It gets a high number, so that the script's own files get those that they would get elsewhere.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(fd, ANSWER_FD, inheritable=False)
    os.close(fd)
    answer_file[:] = identity(ANSWER_FD)


answer_file = []  # device and inode of the answer


def identity(fd):
    """Device and inode of an open file: whether a descriptor is still ours."""
    status = fstat(fd)
    return [status.st_dev, status.st_ino]


def say(path, answer):
    """Write the answer, with functions that a script cannot have replaced."""
    try:
        data = marshal_dumps(answer)
        try:
            is_ours = identity(ANSWER_FD) == answer_file
        except OSError:
            is_ours = False  # the script closed all descriptors
        fd = ANSWER_FD if is_ours else open_fd(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        write(fd, data)
        close_fd(fd)
    except BaseException:
        pass  # judged by its exit, then


def finish(code, drop):
    """End this forked process as the interpreter ends, without tearing down what was preloaded."""
    code = end_threads_and_flush(code)
    try:
        if drop:
            drop_modules()
    except BaseException as error:
        unraisable(error, "the end of the script")
    code = flush(code)
    if code == INTERRUPTED:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(getpid(), signal.SIGINT)
    exit_now(code)


def drop_modules():
    """What the interpreter does with a script's modules, in its order. Open files are flushed here."""
    for module, own in SYSTEM:
        for name in [name for name in vars(module) if name not in own]:
            delattr(module, name)
    names = [name for name in sys.modules if name not in BASELINE and name not in originals]
    # The script itself first: what it holds may need the others to end well.
    modules = [sys.modules.pop(name) for name in ("__main__", *names) if name in sys.modules]
    namespaces = [vars(module) for module in modules if hasattr(module, "__dict__")]
    namespaces = [one for one in namespaces if type(one) is dict]  # typing.io is a class, and read-only
    modules.clear()
    gc.collect()  # what only the modules held
    for namespace in namespaces:
        clear(namespace)
    namespaces.clear()
    gc.collect()


def end_threads_and_flush(code):
    """What an interpreter does first: wait for threads, run exit handlers, flush."""
    try:
        if "threading" in sys.modules:
            sys.modules["threading"]._shutdown()
    except BaseException as error:
        unraisable(error, "threading._shutdown")
    try:
        atexit._run_exitfuncs()
    except BaseException:
        pass  # it has printed; up to Python 3.9 it also raises
    return flush(code)


def unraisable(error, where):
    sys.stderr.write("Exception ignored in: %s: %r\n" % (where, error))


def flush(code):
    """Flush the standard streams; 120 is what the interpreter exits with when it cannot."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None and not getattr(stream, "closed", False):
                stream.flush()
        except BaseException:
            if stream is sys.stdout and code == 0:
                code = 120
    return code


def clear(namespace):
    """Drop what a module holds, in the interpreter's order: one underscore first, then the rest."""
    for private in (True, False):
        for key in list(namespace):
            if (key[:1] == "_" and key[1:2] != "_") == private and key != "__builtins__":
                namespace[key] = None


def arm_dump(log):
    """Have the step say where it is: at a fatal signal, and when the keeper asks before ending it."""
    (faulthandler,) = borrow("faulthandler")
    try:
        faulthandler.enable(log)
        faulthandler.register(DUMP_SIGNAL, log, all_threads=True)
    except (OSError, RuntimeError, ValueError):
        pass  # a help, not a need


def main_step(request_path):
    """``--step``: this whole interpreter is the step process, and it ends as an interpreter does."""
    with open(request_path, "rb") as file:
        request = marshal.loads(file.read())
    os.unlink(request_path)
    set_argv(request)
    arm_dump(2)
    open_answer(request["answer"])
    install(request["record"], request["sys_path"], request["network"])
    code = attempt(request)
    if code == INTERRUPTED:
        sys.excepthook = lambda *_: None  # it has been shown
        raise KeyboardInterrupt
    raise SystemExit(code)  # not sys.exit, which a script may have replaced


def move_home():
    """What site computed when the worker started, from another HOME."""
    site = sys.modules.get("site")
    if site and site.USER_BASE and site.USER_SITE:
        home = os.environ.get("HOME", WORKER_HOME)
        site.USER_BASE = site.USER_BASE.replace(WORKER_HOME, home, 1)
        site.USER_SITE = site.USER_SITE.replace(WORKER_HOME, home, 1)


def unset_argv(request):
    """In the keeper, after the fork."""
    del sys.argv[:]
    del sys.path[: len(request["sys_path"])]
    del search_path[len(search_path) - len(request["sys_path"]) :]


def set_argv(request):
    sys.argv[:] = request["argv"]
    if hasattr(sys, "orig_argv"):
        sys.orig_argv[:] = [sys.executable] + request["argv"]
    sys.path[:0] = request["sys_path"]
    search_path.extend(request["sys_path"])  # the parent has seen to it that they shadow nothing
