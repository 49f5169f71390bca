"""Namespaces, without root: on Linux a lane's own processes and network, a step's own /tmp and /opt/ml.

    keeper of a lane   PID, network (loopback only) and mount namespaces, entered once: they cost a step
                       nothing. It is process 1 there, which no step can end; when it ends, so does all.
    step               a mount namespace within, for what differs from step to step

An ordinary user gets a user namespace around them, and drops what may be done there before a script runs.
Where the system refuses all that, ``TMPDIR``, paths rewritten in the source (``_worker_rewrite``) and the
keeper as subreaper have to do.
"""

import builtins
import os
import sys

from _worker_dormant import borrow, search_path

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

# <linux/sched.h>, <linux/mount.h>, <linux/sockios.h>, <linux/capability.h>, <linux/prctl.h>
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x00020000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = (
    1, 2, 4, 8, 32, 4096, 16384, 1 << 18,
)  # fmt: skip
MS_RELATIME, ST_RELATIME = 1 << 21, 4096
SIOCSIFFLAGS, IFF_UP, IFF_RUNNING = 0x8914, 0x1, 0x40
CAPABILITY_VERSION_3, PR_SET_DUMPABLE = 0x20080522, 4
REFUSED = 77  # how a keeper ends that could not be given namespaces
TMP = "/tmp"
OPT, ML = "/opt", "/opt/ml"

allowed = True  # False: behave as where the system refuses
own_user = False  # whether what we may do, we may in a user namespace only


def libc():
    (ctypes,) = borrow("ctypes")
    return ctypes.CDLL(None, use_errno=True)


# --- a lane ------------------------------------------------------------------------------------------------


def leave_host(network):
    """Enter the namespaces of a lane; the next child is process 1 in them. Raises OSError."""
    unshare(libc(), CLONE_NEWNS | CLONE_NEWPID | (0 if network else CLONE_NEWNET))


def settle_lane(network, guarded):
    """In process 1: its own ``/proc``, loopback, and packages that cannot be changed. Raises OSError."""
    c = libc()
    mount(c, None, "/", None, MS_REC | MS_PRIVATE)
    mount(c, "proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    if not network:
        raise_loopback(c)
    for folder in guarded:
        try:
            make_read_only(c, folder)
        except OSError:
            pass  # the stand-in for pip remains


def raise_loopback(c):
    """Servers and clients within one step still meet."""
    (ctypes,) = borrow("ctypes")
    request = b"lo".ljust(16, b"\0") + (IFF_UP | IFF_RUNNING).to_bytes(2, sys.byteorder) + bytes(22)
    fd = c.socket(2, 2, 0)  # AF_INET, SOCK_DGRAM
    failed = c.ioctl(fd, SIOCSIFFLAGS, ctypes.create_string_buffer(request))
    os.close(fd)
    if failed:
        raise OSError("no loopback")


def make_read_only(c, folder):
    """Mount a folder over itself, read-only. What it was mounted with must be named again."""
    flags = os.statvfs(folder).f_flag
    kept = flags & (MS_NOSUID | MS_NODEV | MS_NOEXEC) | (MS_RELATIME if flags & ST_RELATIME else 0)
    mount(c, folder, folder, None, MS_BIND | MS_REC)
    mount(c, None, folder, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def package_folders():
    """Where this interpreter's packages lie: no step may change them."""
    return [
        folder
        for folder in dict.fromkeys(search_path)
        if os.path.basename(folder) in ("site-packages", "dist-packages") and os.path.isdir(folder)
    ]


# --- a step ------------------------------------------------------------------------------------------------


def private_places(tmp, container, keep):
    """Give this process and its children a /tmp of their own and, where ``container`` names a folder, that
    as /opt/ml.

    Returns whether each could be done.
    """
    if not allowed or not sys.platform.startswith("linux"):
        return False, False
    try:
        c = libc()
        unshare(c, CLONE_NEWNS)
        mount(c, None, "/", None, MS_REC | MS_PRIVATE)
    except (ImportError, AttributeError, OSError):
        return False, False
    has_tmp = attempted(private_tmp, c, tmp, keep)
    return has_tmp, bool(container) and attempted(private_root, c, container)


def attempted(function, *arguments):
    try:
        return function(*arguments)
    except OSError:
        return False


def private_root(c, tree):
    """Make a folder the root: in it is what the host has in its own, and ``tree`` as /opt/ml.

    So nothing comes onto the host: no /opt/ml, and no file of a script that is started in ``/``.
    """
    root = os.path.join(os.path.dirname(tree), "root")
    os.mkdir(root)
    mount(c, root, root, None, MS_BIND | MS_REC)
    mirror(c, "/", root, OPT)
    os.mkdir(root + OPT)
    if os.path.isdir(OPT):
        mirror(c, OPT, root + OPT, ML)
    os.mkdir(root + ML)
    mount(c, tree, root + ML, None, MS_BIND | MS_REC)
    os.chroot(root)
    os.chdir("/")
    return True


def mirror(c, folder, target, without):
    """Show all that is in a folder in another one, too."""
    for entry in os.scandir(folder):
        copy = os.path.join(target, entry.name)
        if entry.path == without:
            continue
        if entry.is_symlink():
            os.symlink(os.readlink(entry.path), copy)
        else:
            mount(c, entry.path, made_like(entry.path, copy), None, MS_BIND | MS_REC)


def private_tmp(c, place, keep):
    """Put the folder ``place`` over /tmp, with what must stay visible there."""
    kept = below_tmp([*keep, sys.prefix, sys.base_prefix, sys.exec_prefix, *search_path])
    if TMP in kept:
        return False
    for path in kept:
        mount(c, path, made_like(path, place + path[len(TMP) :]), None, MS_BIND | MS_REC)
    mount(c, place, TMP, None, MS_BIND | MS_REC)
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


def made_like(path, target):
    """Make what a path can be mounted on: a folder for a folder, a file for all else."""
    if os.path.isdir(path):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    return target


# --- the calls ---------------------------------------------------------------------------------------------


def unshare(c, flags):
    """Enter namespaces of our own; an ordinary user needs a user namespace around them. Raises OSError."""
    global own_user
    uid, gid = os.getuid(), os.getgid()
    if c.unshare(flags) == 0:
        return
    if c.unshare(CLONE_NEWUSER | flags) != 0:
        raise OSError("namespaces are refused")
    own_user = True
    for name, text in (
        ("setgroups", "deny"),
        ("uid_map", "%d %d 1" % (uid, uid)),
        ("gid_map", "%d %d 1" % (gid, gid)),
    ):
        with open("/proc/self/" + name, "w") as file:
            file.write(text)


def drop_privileges():
    """Give up what an ordinary user may do in a user namespace: reading its own unreadable files, say."""
    if own_user:
        (ctypes,) = borrow("ctypes")
        header = CAPABILITY_VERSION_3.to_bytes(4, sys.byteorder) + bytes(4)
        ctypes.CDLL(None).capset(header, bytes(24))
        ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)


def mount(c, source, target, kind, flags):
    """mount(2). Raises OSError."""
    encoded = None if source is None else os.fsencode(source)
    if c.mount(encoded, os.fsencode(target), kind and kind.encode("ascii"), flags, None) != 0:
        raise OSError("mount of %s failed" % target)
