"""The keeper: watches one step at a time, is the subreaper of all that it starts, ends what it left."""

import builtins
import gc
import marshal
import os
import sys

import _signal as signal
from _worker_dormant import borrow, sleep
from _worker_guard import install
from _worker_mounts import REFUSED, drop_privileges, leave_host, package_folders, private_places, settle_lane
from _worker_questions import findable, versions
from _worker_rewrite import relocate
from _worker_step import (
    ANSWER_FD,
    arm_dump,
    attempt,
    compiled,
    exit_now,
    finish,
    move_home,
    open_answer,
    say,
    set_argv,
    unset_argv,
)
from _worker_stop import await_end, become_subreaper, end_leftovers, end_step

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

json, time = borrow("json", "time")
SOCKET_ROOM = 60  # characters of a folder in which sockets (at most 107) still find room
ML = "-ml"  # ends the short name of a container's folder
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_worker.py")
WARM_SOURCE = 200000  # bytes; a longer source is compiled where the deadline counts
SHORT_NAME = "/tmp/pipetest-%s"
LEFT_SECONDS = 0.5  # what a helper process (multiprocessing's resource tracker) has to end by itself


class Lane:
    """Lines from the parent, and the end-of-file that is its death."""

    def __init__(self, fd):
        self.fd, self.buffer, self.open = fd, b"", True

    def take(self):
        """The next request that has arrived, or None."""
        line, newline, rest = self.buffer.partition(b"\n")
        if not newline:
            return None
        self.buffer = rest
        return json.loads(line)

    def fill(self):
        data = os.read(self.fd, 1 << 16)
        self.buffer += data
        self.open = bool(data)

    def send(self, message):
        data = json.dumps(message).encode("ascii") + b"\n"
        while data:
            data = data[os.write(self.fd, data) :]


def enter_lane(network):
    """Become process 1 of a lane's namespaces, where the system grants them; else stay where we are.

    The process that was forked for the lane waits outside, and ends as process 1 ends.
    """
    try:
        leave_host(network)
    except (ImportError, AttributeError, OSError):
        exit_now(REFUSED)  # the worker forks another, which does without
    pid = os.fork()
    if pid:
        _, status = os.waitpid(pid, 0)
        exit_now(REFUSED if status >> 8 == REFUSED else 1)
    try:
        settle_lane(network, package_folders())
    except OSError:
        exit_now(REFUSED)


def keep(fd, others, bell, lost):
    """Serve one lane until the parent closes it."""
    become_subreaper()
    arm_dump(2)
    awake = set(sys.modules)
    lane = Lane(fd)
    if lost:
        lane.send({"lost": True})
    try:
        while lane.open:
            request = lane.take()
            if request is None:
                lane.fill()
            elif "find" in request:
                lane.send({"found": findable(request["find"])})
            elif "versions" in request:
                lane.send({"found": versions(request["versions"])})
            else:
                lane.send(watch(request, lane, others, bell))
                sleep(awake)  # os.wait4 imports resource by itself
    except (BrokenPipeError, ConnectionResetError):
        pass  # the parent is gone, and what it started has been ended
    exit_now(0)


def watch(request, lane, others, bell):
    """Start one attempt, see it to its end, end what it left. Returns what the parent is told."""
    started = time.monotonic()
    try:
        code = prepare(request)
    except OSError as error:  # the machine's fault, not the step's
        return {"id": request["id"], "broken": "%s: %s" % (type(error).__name__, error)}
    pid = os.fork()
    if pid == 0:
        step_process(request, code, others)
    unset_argv(request)
    ended = await_end(pid, started + request["timeout"], lane, bell)
    timed_out = ended is None and lane.open
    _, status, usage = ended or end_step(pid, bell, lane.open, request["mode"] != "command")
    seconds = time.monotonic() - started
    left = end_leftovers(pid, bell, LEFT_SECONDS if lane.open else 0)
    clean_up(request)
    return {
        "id": request["id"],
        "status": status,
        "timed_out": timed_out,
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "max_rss": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "left": left,
        "answer": read_answer(),
        "tail": read_tail() if request["mode"] == "load" else "",
        "record": take_record(request["record"]),
    }


def prepare(request):
    """Do what can be done before the fork: here memory is warm, in the child each page touched is copied.

    Returns the code of the script, or None where the child has to compile it: there a fault is its own.
    """
    set_environment(request["env"])
    request["short"] = SHORT_NAME % os.urandom(6).hex()  # lanes may all have the same process number
    log = os.open(request["log"], os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    os.chdir(request["cwd"])
    open_answer(request["answer"])
    set_argv(request)
    source = request["source"] or request["path"]
    if request["mode"] == "command" or request["fresh"]:
        return None
    try:
        return compiled(request["path"], source) if os.path.getsize(source) < WARM_SOURCE else None
    except Exception:
        return None


def clean_up(request):
    """Remove what an attempt leaves of ours, and give the next load empty folders."""
    if request["scratch"]:
        renew(request["scratch"], request["id"])
        return
    for path in (request["answer"], request["short"], request["short"] + ML):
        if os.path.lexists(path):
            os.unlink(path)


def take_record(path):
    """What the guards wrote down during the attempt: lines of JSON."""
    try:
        if not os.path.getsize(path):
            return []
        with open(path, "r+b") as file:
            lines = file.read(1 << 20).splitlines()
            file.truncate(0)
    except OSError:
        return []  # the step removed it, as one does that empties the /tmp in which its project lies
    return [line.decode("utf-8", "replace") for line in lines]


current_environment = {}


def set_environment(env):
    """The step inherits it; most steps of a lane share one, so it is seldom written."""
    if env != current_environment:
        os.environ.clear()
        os.environ.update(env)
        current_environment.clear()
        current_environment.update(env)


def step_process(request, code, others):
    """In the forked child: become what ``python file.py`` would be, and never return."""
    try:
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for fd in others:
            os.close(fd)
        if request["mode"] != "load" or request["container"]:
            code = settle(request, code)
            move_home()
        drop_privileges()
        if request["mode"] == "command":
            start_command(request)
        if request["fresh"]:
            start_fresh(request)
    except BaseException as error:  # the machine's fault or ours, not the step's
        say(request["answer"], {"broken": "%s: %s" % (type(error).__name__, error)})
        exit_now(127)
    install(request["record"], request["sys_path"], request["network"])
    gc.enable()
    finish(attempt(request, code), request["mode"] != "load")


def start_command(request):
    """Become another program."""
    program = request["argv"][0]
    try:
        os.execvpe(program, request["argv"], request["env"])
    except OSError as error:
        say(request["answer"], {"unstarted": "%s: %s" % (program, error.strerror)})
        exit_now(127)


def settle(request, code):
    """Give the step its /tmp and its /opt/ml; where that cannot be, a short name and changed paths.

    Returns the code of the script, or None where its paths have to be changed.
    """
    env, container = request["env"], request["container"]
    place = env["TMPDIR"]
    has_tmp, is_contained = private_places(place, container and container["tree"], request["keep"])
    if container and not is_contained:
        os.symlink(container["tree"], request["short"] + ML)  # a name that needs no quoting in any code
        relocate(request, request["short"] + ML)
        note(request["record"], {"what": "rewritten"})
        env, code = request["env"], None
    if has_tmp:
        env["TMPDIR"] = "/tmp"
    elif len(place) > SOCKET_ROOM:
        env["TMPDIR"] = request["short"]
        os.symlink(place, request["short"])
    os.environ.update(env)
    os.chdir(container.get("cwd") or ("/" if is_contained else request["cwd"]))
    return code


def note(path, entry):
    """Add a line to what the keeper takes from the record."""
    os.makedirs(os.path.dirname(path), exist_ok=True)  # a step before may have removed it
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(fd, json.dumps(entry).encode("ascii") + b"\n")
    os.close(fd)


def start_fresh(request):
    """Replace this process by a new interpreter that makes the same attempt."""
    path = request["answer"] + ".request"
    with open(path, "wb") as file:
        file.write(marshal.dumps(request))
    os.execve(sys.executable, [sys.executable, WORKER, "--step", path], request["env"])


def read_answer():
    """What the step said of itself, or None."""
    try:
        answer = marshal.loads(os.pread(ANSWER_FD, 1 << 20, 0))
    except (OSError, ValueError, EOFError, TypeError):
        return None  # it did not get to say it
    return answer if isinstance(answer, dict) else None


def read_tail():
    """The last lines of the log that is open."""
    size = os.fstat(1).st_size
    return os.pread(1, 8000, max(0, size - 8000)).decode("utf-8", "replace") if size else ""


unused = {}  # folder -> its time of change when it was last seen empty


def renew(folders, number):
    """Give the next attempt empty folders; the used ones are put aside for the parent to remove."""
    for folder in folders:
        try:
            changed = os.stat(folder).st_mtime_ns
            if changed == unused.get(folder):
                continue
            unused[folder] = changed
            if os.listdir(folder):
                del unused[folder]
                os.rename(folder, "%s.used-%s" % (folder, number))
                os.mkdir(folder)
        except OSError:
            # The step made it unreadable, or removed it.
            if os.path.lexists(folder):
                os.rename(folder, "%s.used-%s" % (folder, number))
            os.mkdir(folder)
