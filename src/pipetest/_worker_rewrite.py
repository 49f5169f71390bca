"""Where namespaces are refused: ``/opt/ml`` in a step's code, arguments and environment becomes a folder.

Its code is a copy, in which the path is replaced by a short name of that folder. Not reached: paths that are
put together from shorter pieces, and programs that lie elsewhere.
"""

import builtins
import os
import sys

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

ML = "/opt/ml"
# What may stand before and after the path, if it is the path: not "/data/opt/ml", not "/opt/mlflow".
BEFORE, AFTER = "abcdefghijklmnopqrstuvwxyz0123456789_./-", "abcdefghijklmnopqrstuvwxyz0123456789_.-"


def moved(value, place):
    """A value with each ``/opt/ml`` in its texts replaced by ``place``."""
    if isinstance(value, str):
        return moved_text(value, place) if ML in value else value
    if isinstance(value, bytes):
        return moved(value.decode("latin-1"), place).encode("latin-1")
    if isinstance(value, (list, tuple)):
        return [moved(one, place) for one in value]
    if isinstance(value, dict):
        return {key: moved(one, place) for key, one in value.items()}
    return value


def moved_text(text, place):
    """Without ``re``, which is not whole while it lies dormant."""
    parts = text.split(ML)
    done = parts[0]
    for index, part in enumerate(parts[1:]):
        before = parts[index]
        is_place = not before or before[-1].lower() not in BEFORE
        done += (place if is_place and (not part or part[0].lower() not in AFTER) else ML) + part
    return done


def relocate(request, place):
    """Change what a request says, and the code that it starts, to another name of the container's folder."""
    container = request["container"]
    script = container["tree"] + request["path"][len(ML) :]  # of any name: `python train` runs that, too
    for at, _, names in os.walk(container["tree"]):
        for path in (os.path.join(at, name) for name in names):
            if path == script or path.endswith((".py", ".sh")):
                rewrite(path, place)
    for name in ("path", "argv", "env", "given", "sys_path"):
        request[name] = moved(request[name], place)
    container["cwd"] = moved(container["cwd"], place)
    sys.argv[:] = moved(list(sys.argv), place)
    sys.path[:] = moved(list(sys.path), place)


def rewrite(path, place):
    try:
        with open(path, "r+b") as file:
            text = file.read()
            if ML.encode("ascii") in text:
                file.seek(0)
                file.write(moved(text, place))
                file.truncate()
    except OSError:
        pass  # then it is as without us
