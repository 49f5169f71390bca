"""No network for a step: an audit hook that notes who wanted to talk to whom, and refuses it.

What is refused looks like a machine without a network. The same file guards the step's own process, where
the keeper imports it, and every Python that the step starts, where ``sitecustomize`` executes it from the
guard's folder. There it must leave no module behind, so it imports nothing but what every interpreter has.

A hook cannot be removed, and it sees every audit event of the process: its first statement lets most pass.
"""

import builtins
import os
import sys

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

# Kept from before a script runs, which may replace them.
open_fd, write, close_fd, strerror = os.open, os.write, os.close, os.strerror
getframe, current_frames = sys._getframe, sys._current_frames
hostname = os.uname()[1].lower() if hasattr(os, "uname") else ""

UNREACHABLE = {"linux": 101, "win32": 10051}.get(
    sys.platform, 51
)  # errno is a module that a script could see
NO_PROCESS = 3
LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", hostname}
HOSTS = "/etc/hosts"
STDLIB = os.path.dirname(os.__file__) + os.sep
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "_worker")  # how our files begin
MANY = 1000  # notes of one process

state = {"record": None, "own": (), "network": False, "started": None}
seen = set()  # what has been noted of this attempt


def install(record=None, own_folders=(), network=False):
    """Guard this process and its forks. Called again, as before each attempt: change what is guarded.

    ``record`` is the file for what is noted; None: note and refuse nothing. ``own_folders`` hold the user's
    code, of which a note names the line. With ``network`` only package installs are noted.
    """
    own = tuple(folder.rstrip(os.sep) + os.sep for folder in own_folders)
    settings = {"record": record, "own": own, "network": network, "started": None}
    known = []
    sys.audit("pipetest.guard", known, settings)  # is answered by a guard that is there already
    if not known:
        state.update(settings)
        seen.clear()
        sys.addaudithook(pipetest_guard)


def pipetest_guard(event, args):
    """The hook. Its frame is seen in tracebacks, so its last line says what has happened."""
    if event not in JUDGES:
        return
    error = answer(event, args)
    if error is not None:
        raise error  # pipetest: steps have no network (unless they say `network: true`), nor other processes


def answer(event, args):
    """Note what the event asks for. Returns the error to refuse it with, or None."""
    try:
        if state["record"] is None and event != "pipetest.guard":
            return None
        return JUDGES[event](event.rpartition(".")[2], args)
    except Exception:
        return None  # a fault of ours must never be one of the step


def judge_settings(_, args):
    known, settings = args
    state.update(settings)
    seen.clear()
    known.append(True)


def judge_address(call, args):
    """Connecting or sending: (socket, address)."""
    sock, address = args[:2]
    if state["network"] or type(address) is not tuple or not is_internet(sock):
        return None
    if is_near(address[0]):
        return None
    note("network", call, address[0], address[1])
    return OSError(UNREACHABLE, strerror(UNREACHABLE))


def judge_lookup(call, args):
    """Looking up a name: (host, ...). What is written as a number needs no network."""
    host = args[0]
    if state["network"] or host is None or is_near(host, call != "gethostbyaddr"):
        return None
    note("network", call, host, args[1] if len(args) > 1 else None)
    sockets = sys.modules.get("_socket")
    again = getattr(sockets, "EAI_AGAIN", -3)
    return getattr(sockets, "gaierror", OSError)(again, "Temporary failure in name resolution")


def judge_command(call, _):
    """Starting a program. It may install packages, and cannot say which line of the step has it do that."""
    started = place()
    if started != state["started"] and len(seen) < MANY:
        state["started"] = started
        note("command", call, None, len(seen))


def judge_kill(_, args):
    """A signal to all: where the step is not alone in a namespace, that is all of the user's processes."""
    if args[0] == -1 and not is_alone():
        return ProcessLookupError(NO_PROCESS, strerror(NO_PROCESS))  # as where there is no other process
    return None


def is_alone():
    """Whether the step has process numbers of its own: the first one is the keeper of its lane."""
    try:
        fd = open_fd("/proc/1/cmdline", os.O_RDONLY)
    except OSError:
        return False
    try:
        return b"_worker.py" in os.read(fd, 4096)
    finally:
        close_fd(fd)


JUDGES = {
    "socket.connect": judge_address,
    "socket.sendto": judge_address,
    "socket.sendmsg": judge_address,
    "socket.getaddrinfo": judge_lookup,
    "socket.gethostbyname": judge_lookup,
    "socket.gethostbyaddr": judge_lookup,
    "subprocess.Popen": judge_command,
    "os.system": judge_command,
    "os.kill": judge_kill,
    "pipetest.guard": judge_settings,
}


def is_internet(sock):
    sockets = sys.modules["_socket"]
    family = sockets.socket.family.__get__(sock)  # not the attribute of a class that may answer otherwise
    return family == sockets.AF_INET or family == getattr(sockets, "AF_INET6", None)


def is_near(host, any_number=False):
    """Whether a host is this machine, or is known without asking another one."""
    host = host.decode("utf-8", "replace") if isinstance(host, (bytes, bytearray)) else host
    number = packed(host)
    if number is None:
        name = host.lower().rstrip(".")
        return name in LOCAL_NAMES or name.endswith(".localhost") or name in listed_names()
    return any_number or is_loopback(number) or is_own(host, number)


def packed(host):
    """The bytes of a numeric address; None for a name."""
    sockets = sys.modules["_socket"]
    try:
        if ":" in host:
            return sockets.inet_pton(sockets.AF_INET6, host.partition("%")[0])
        return sockets.inet_aton(host)
    except (OSError, ValueError):  # a name, in letters of any alphabet
        return None


def is_loopback(number):
    if len(number) == 16 and number[:12] == b"\0" * 10 + b"\xff\xff":
        number = number[12:]  # IPv4 written as IPv6
    if len(number) == 16:
        return number[:15] == b"\0" * 15 and number[15] < 2
    return number[0] == 127 or number == b"\0\0\0\0"


def is_own(host, number):
    """Whether it is an address of this machine: only to those can a socket be bound."""
    if number[0] >= 224:
        return False  # to a group, and to all
    sockets = sys.modules["_socket"]
    family = sockets.AF_INET if len(number) == 4 else sockets.AF_INET6
    sock = sockets.socket(family, sockets.SOCK_DGRAM)
    try:
        sock.bind((host, 0))
    except OSError:
        return False
    finally:
        sock.close()
    return True


def listed_names():
    """The names that the machine's own list answers for."""
    try:
        fd = open_fd(HOSTS, os.O_RDONLY)
    except OSError:
        return []
    try:
        lines = os.read(fd, 1 << 16).decode("utf-8", "replace").lower().splitlines()
    finally:
        close_fd(fd)
    return [name for line in lines for name in line.partition("#")[0].split()[1:]]


def note(what, call, host, port):
    """Add one line to the record. Where that is gone, nobody asks any more."""
    if (what, host, port) in seen or len(seen) >= MANY:
        return
    seen.add((what, host, port))
    file, line = place()
    fields = {"what": what, "call": call, "file": file, "line": line}
    if what == "network":
        fields.update(host=host, port=port)
    pairs = ", ".join("%s: %s" % (quoted(key), quoted(value)) for key, value in fields.items())
    fd = open_fd(state["record"], os.O_WRONLY | os.O_APPEND)
    try:
        write(fd, ("{%s}\n" % pairs).encode("utf-8", "replace"))
    finally:
        close_fd(fd)


def quoted(value):
    """As JSON, without the module that a script could see."""
    if value is None:
        return "null"
    if isinstance(value, int):
        return "%d" % value
    text = value.decode("utf-8", "replace") if isinstance(value, (bytes, bytearray)) else str(value)
    plain = (char if char >= " " and char not in '"\\' else "\\u%04x" % ord(char) for char in text)
    return '"%s"' % "".join(plain)


def place():
    """File and line of the user's code: in this thread, or, where it has none, in the main one."""
    found = user_line(getframe(1))
    threading = sys.modules.get("threading")
    if found is None and threading:
        found = user_line(current_frames().get(threading.main_thread().ident))
    return found or (None, None)


def user_line(frame):
    """The innermost line of the user's folders; without one, the innermost that is in no library."""
    outside = None
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(state["own"] or "\0"):
            return file, frame.f_lineno
        if outside is None and frame.f_globals is not globals() and not is_library(file):
            outside = file, frame.f_lineno
        frame = frame.f_back
    return outside


def is_library(file):
    parts = ("site-packages" + os.sep, "dist-packages" + os.sep)
    return file.startswith((STDLIB, WORKER, "<frozen ")) or any(part in file for part in parts)
