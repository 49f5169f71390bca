"""The worker proper: preload what the scripts share, fork a keeper a lane, replace keepers that died."""

import builtins
import gc
import os
import sys

import _signal as signal
import _worker_mounts
from _worker_dormant import Dormant, Recorder, borrow, dormant, owed, search_path
from _worker_keeper import Lane, enter_lane, keep
from _worker_mounts import REFUSED
from _worker_questions import findable
from _worker_step import exit_now
from _worker_stop import become_subreaper, children, select, signal_to

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))


def make_bell():
    """A descriptor that becomes readable when a child ends."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    os.set_blocking(write_end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    return read_end, write_end


def preload(control, roots):
    """Import what the scripts share.

    What cannot be imported, or leaves a thread, is reported, and ends this worker once all were tried: a
    failed import leaves halves behind. The parent starts another without those.
    """
    installed = set(findable(sorted({name.partition(".")[0] for name, _ in roots})))
    failed = False
    for name, items in roots:
        if name.partition(".")[0] not in installed:
            continue
        control.send({"preloading": name})
        threads = count_threads()
        try:
            import_root(name, items)
        except BaseException as error:
            control.send({"failed": name, "error": "%s: %s" % (type(error).__name__, error)})
            failed = True
        if count_threads() > threads and not is_forkable(threads):
            control.send({"failed": name, "error": "it leaves a thread running"})
            failed = True
    if failed:
        exit_now(1)


def import_root(name, items):
    """Import a module, and what scripts import from it: each for itself, as one may ask for too much."""
    with Recorder():
        builtins.__import__(name)
        for item in items:
            try:
                builtins.__import__(name, {}, {}, (item,), 0)
            except Exception:
                pass  # it will fail in the script that asks for it


def is_forkable(before):
    """Whether the threads that have come end themselves at a fork, as those of OpenBLAS do."""
    pid = os.fork()
    if pid == 0:
        exit_now(0)
    os.waitpid(pid, 0)
    return count_threads() <= before


# Threads of libraries that see to it themselves that a fork is safe, by the name that they give them.
SAFE_THREADS = (b"jemalloc_bg_thd",)  # of pyarrow's allocator, which stops and starts it around a fork


def count_threads():
    """Threads of this process: a fork takes only one of them along."""
    try:
        threads = os.listdir("/proc/self/task")
    except OSError:
        return len(sys._current_frames())
    return sum(thread_name(thread) not in SAFE_THREADS for thread in threads)


def thread_name(thread):
    try:
        with open("/proc/self/task/%s/comm" % thread, "rb") as file:
            return file.read().strip()
    except OSError:
        return b""


def owe_resets():
    """What a module computed here at import and must compute anew in each step."""
    resets = {
        "numpy.random": lambda: sys.modules["numpy.random"].seed(),  # siblings must not draw the same numbers
        "multiprocessing": lambda: sys.modules.update(__mp_main__=sys.modules["__main__"]),
        "tempfile": lambda: setattr(sys.modules["tempfile"], "tempdir", None),
    }
    for name, reset in resets.items():
        if name in dormant:
            owed.setdefault(name, []).append((reset, ()))


def main_worker(descriptors):
    """Preload, fork a keeper a lane, replace keepers that a step has ended; go when the parent goes."""
    gc.disable()
    sys.dont_write_bytecode = True  # beside the user's scripts; ours are written by now
    control_fd, lane_fds = descriptors[0], descriptors[1:]
    for fd in descriptors:
        os.set_inheritable(fd, False)
    borrow("faulthandler", "argparse")  # what a step may need of us
    (resource,) = borrow("resource")
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    control = Lane(control_fd)
    while control.open and b"\n" not in control.buffer:
        control.fill()
    asked = control.take() or {"preload": (), "network": False, "namespaces": False}
    preload(control, asked["preload"])
    lanes.update(network=asked["network"], namespaces=asked["namespaces"])
    _worker_mounts.allowed = asked["namespaces"]
    owe_resets()
    sys.path[:] = search_path
    sys.meta_path[:] = [Dormant] + [finder for finder in sys.meta_path if finder is not Dormant]
    gc.collect()
    gc.freeze()
    become_subreaper()
    control.send({"ready": sorted({name.partition(".")[0] for name in dormant})})
    bell = make_bell()
    keepers = {start_keeper(fd, [control_fd, *lane_fds, *bell], False): fd for fd in lane_fds}
    supervise(control, keepers, [control_fd, *lane_fds, *bell], bell[0])


lanes = {"network": False, "namespaces": False}  # what keepers are to have, as far as the system grants it


def start_keeper(fd, descriptors, lost):
    """Fork the keeper of a lane. Returns its process id."""
    pid = os.fork()
    if pid:
        return pid
    try:
        for other in descriptors:
            if other != fd:
                os.close(other)
        if lanes["namespaces"]:
            enter_lane(lanes["network"])
        bell = make_bell()
        keep(fd, [fd, *bell], bell[0], lost)
    except BaseException as error:  # a fault of ours: it must not look like one of the step
        sys.excepthook(type(error), error, error.__traceback__)
        Lane(fd).send({"fault": "%s: %s" % (type(error).__name__, error)})
    finally:
        exit_now(1)


def supervise(control, keepers, descriptors, bell):
    """Wait for the parent's end-of-file; meanwhile replace keepers that died."""
    poll = select.poll()
    poll.register(control.fd, select.POLLIN)
    poll.register(bell, select.POLLIN)
    while control.open:
        for fd, _ in poll.poll():
            if fd == bell:
                os.read(bell, 512)
            else:
                control.fill()
        for pid, status in reaped():
            if pid in keepers and control.open:
                lane = keepers.pop(pid)
                refused = status >> 8 == REFUSED  # it has not read a line yet
                lanes["namespaces"] = lanes["namespaces"] and not refused
                end_orphans(keepers)
                keepers[start_keeper(lane, descriptors, not refused)] = lane
    for pid in keepers:
        try:
            os.waitpid(pid, 0)
        except ChildProcessError:
            pass


def reaped():
    """The children that have ended, and how."""
    ended = []
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                break
            ended.append((pid, status))
    except ChildProcessError:
        pass
    return ended


def end_orphans(keepers):
    """End what a dead keeper's step left: as subreaper we are its parent now."""
    orphans = [pid for pid in children() if pid not in keepers]
    while orphans:
        for pid in orphans:
            signal_to(os.kill, pid, signal.SIGKILL)
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass
        orphans = [pid for pid in children() if pid not in keepers]
