"""Questions about an interpreter that are answered without importing anything where a step could see it."""

import builtins
import marshal
import os
import sys

from _worker_dormant import BOOTSTRAP
from _worker_step import exit_now

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))


def findable(names):
    """Which top-level modules can be found, without importing them.

    Finders run code of others: that of setuptools imports half of itself when it is asked for distutils.
    """
    found = in_child(lambda: [name for name in names if is_findable(name)])
    return list(names) if found is None else found


def versions(names):
    """The installed version of each distribution, or None; of this interpreter, too."""
    return in_child(lambda: {"python": sys.version.split()[0], **{name: version_of(name) for name in names}})


def version_of(name):
    from importlib import metadata

    try:
        return metadata.version(name)
    except Exception:
        return None  # it is not installed, or what was installed of it is broken


def in_child(ask):
    """What a function returns in a child of its own: what it imports must not be visible to a step.

    None: it did not return.
    """
    read_end, write_end = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(read_end)
            answer = marshal.dumps(ask())
            while answer:
                answer = answer[os.write(write_end, answer) :]
        finally:
            exit_now(0)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as file:
        data = file.read()
    os.waitpid(pid, 0)
    return marshal.loads(data) if data else None


def is_findable(name):
    try:
        return name in sys.modules or BOOTSTRAP._find_spec(name, None) is not None
    except Exception:
        return True  # a broken finder: the import itself will tell
