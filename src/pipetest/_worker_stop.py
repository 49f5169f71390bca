"""Wait for a step, end it in stages, and end all that it left, wherever that fled to."""

import builtins
import os
import sys

import _signal as signal
from _worker_dormant import borrow
from _worker_step import DUMP_SIGNAL, getpid

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

select, time = borrow("select", "time")
TERM_SECONDS = 1.0  # between SIGTERM and SIGKILL
CANCEL_SECONDS = 0.3  # the same, when the user interrupts
BLIND_SECONDS = 0.2  # between SIGKILL and the end of a process that cannot be seen
DUMP_SECONDS = 0.1  # what a step has to say where it hangs


def await_end(pid, deadline, lane, bell):
    """Wait for the step. Returns what wait4 says, or None at the deadline or when the parent is gone."""
    poll = select.poll()
    poll.register(bell, select.POLLIN)
    poll.register(lane.fd, select.POLLIN)
    while True:
        ended = os.wait4(pid, os.WNOHANG)
        if ended[0]:
            return ended
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            return None
        for fd, _ in poll.poll(min(remaining, 3600) * 1000):
            if fd == bell:
                os.read(bell, 512)
            else:
                lane.fill()
        if not lane.open:
            return None


def end_step(pid, bell, patient, speaks):
    """Ask where it is, ask it to stop, then stop it. Returns what wait4 says."""
    if speaks:
        signal_to(os.kill, pid, DUMP_SIGNAL)
        ended = wait_for(pid, bell, DUMP_SECONDS)
        if ended:
            return ended
    patience = TERM_SECONDS if patient else CANCEL_SECONDS
    for number, seconds in ((signal.SIGTERM, patience), (signal.SIGKILL, 3600)):
        signal_to(os.killpg, pid, number)
        signal_to(os.kill, pid, number)  # it may not have made its group yet
        ended = wait_for(pid, bell, seconds)
        if ended:
            return ended
    return os.wait4(pid, 0)


def wait_for(pid, bell, seconds):
    """What wait4 says of a process within so many seconds, or None. -1: of any child that is left."""
    deadline = time.monotonic() + seconds
    poll = select.poll()
    poll.register(bell, select.POLLIN)
    while True:
        ended = os.wait4(pid, os.WNOHANG)
        if ended[0]:
            return ended
        if not poll.poll(max(0, deadline - time.monotonic()) * 1000):
            return None
        os.read(bell, 512)


def signal_to(send, pid, number):
    try:
        send(pid, number)
    except (ProcessLookupError, PermissionError):
        pass  # gone already, or no longer ours


def end_leftovers(pid, bell, patience):
    """End every process that the step left behind. Returns the command lines of those still running."""
    deadline, left = time.monotonic() + patience, []
    try:
        while wait_for(-1, bell, max(0, deadline - time.monotonic())):
            pass
        left = [command_line(child) for child in children()]
        while True:
            if getpid() == 1:
                signal_to(os.kill, -1, signal.SIGKILL)  # all that there is in the namespace but us
            signal_to(os.killpg, pid, signal.SIGKILL)
            for child in children():
                signal_to(os.kill, child, signal.SIGKILL)
            if not wait_for(-1, bell, BLIND_SECONDS) and not children():
                break  # out of sight: /proc is missing, or is that of others
    except ChildProcessError:
        pass
    if not is_subreaper:  # what escaped is out of reach; its group is not
        signal_to(os.killpg, pid, signal.SIGKILL)
    return left


def children():
    """The processes whose parent we are."""
    me, found = str(getpid()), []
    for name in process_numbers() if is_subreaper else ():
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, "rb") as file:
                    fields = file.read().rpartition(b")")[2].split()
            except OSError:
                continue  # it has ended meanwhile
            if fields[1] == me.encode() and fields[0] != b"Z":
                found.append(int(name))
    return found


def process_numbers():
    try:
        return os.listdir("/proc")
    except OSError:
        return []  # a chroot without it


def command_line(pid):
    """What a process was started as, for a message."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return file.read(200).replace(b"\0", b" ").decode("utf-8", "replace").strip() or "?"
    except OSError:
        return "?"


is_subreaper = False


def become_subreaper():
    """On Linux, be the parent of what a step's processes leave behind, wherever they fled to."""
    global is_subreaper
    if sys.platform.startswith("linux"):
        try:
            (ctypes,) = borrow("ctypes")
            is_subreaper = ctypes.CDLL(None).prctl(36, 1, 0, 0, 0) == 0  # PR_SET_CHILD_SUBREAPER
        except (ImportError, OSError, AttributeError):
            pass
