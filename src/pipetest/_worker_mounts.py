"""A ``/tmp`` of its own for one step, without root: on Linux, in a private mount namespace.

Public scripts write fixed names into ``/tmp``, and two steps would meet there. What the step needs and
lies below ``/tmp`` (its sandbox, its script, its interpreter) stays visible at its path. Where the system
refuses namespaces, ``TMPDIR`` alone has to do.
"""

import builtins
import os
import sys

from _worker_dormant import borrow, search_path

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

# <linux/sched.h> and <linux/mount.h>
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
TMP = "/tmp"


def private_tmp(place, keep):
    """Put the folder ``place`` over /tmp for this process and its children. False: it cannot be done."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        kept = below_tmp([*keep, sys.prefix, sys.base_prefix, sys.exec_prefix, *search_path])
        if TMP in kept:
            return False
        (ctypes,) = borrow("ctypes")
        libc = ctypes.CDLL(None, use_errno=True)
        if not unshare(libc):
            return False
        mount(libc, None, "/", MS_REC | MS_PRIVATE)
        for path in kept:
            mount(libc, path, stand_in(path, place), MS_BIND | MS_REC)
        mount(libc, place, TMP, MS_BIND | MS_REC)
    except (ImportError, AttributeError, OSError):
        return False
    return True


def below_tmp(paths):
    """The paths that lie below /tmp, as they are and with links resolved, without those inside others."""
    candidates = {os.path.abspath(path) for path in paths if path}
    candidates |= {os.path.realpath(path) for path in candidates}
    kept = []
    for path in sorted(candidates):
        inside = any(path == other or path.startswith(other + "/") for other in kept)
        if (path == TMP or path.startswith(TMP + "/")) and not inside and os.path.exists(path):
            kept.append(path)
    return kept


def stand_in(path, place):
    """Make what a path is mounted on in the new /tmp."""
    target = place + path[len(TMP) :]
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    return target


def unshare(libc):
    """Enter a mount namespace of our own; an ordinary user needs a user namespace around it."""
    uid, gid = os.getuid(), os.getgid()
    if libc.unshare(CLONE_NEWNS) == 0:
        return True
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
        return False
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", "%d %d 1" % (uid, uid)),
        ("gid_map", "%d %d 1" % (gid, gid)),
    ):
        with open("/proc/self/" + name, "w") as file:
            file.write(text)
    return True


def mount(libc, source, target, flags):
    """mount(2). Raises OSError."""
    encoded = None if source is None else os.fsencode(source)
    if libc.mount(encoded, os.fsencode(target), None, flags, None) != 0:
        raise OSError("mount of %s failed" % target)
