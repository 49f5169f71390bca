"""Where namespaces are refused: ``/opt/ml`` in a script's source, arguments and environment becomes a folder.

The script and the modules beside it are compiled with their path constants changed; so that what the step
starts (the children of multiprocessing, the script itself) finds them too, they are also changed in their
files, which are copies. Not reached: paths that are put together from shorter pieces, and other programs.
"""

import builtins
import os
import sys

from _worker_dormant import LOADERS, borrow

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

ML = "/opt/ml"
# What may stand before and after the path, if it is the path: not "/data/opt/ml", not "/opt/mlflow".
BEFORE, AFTER = "abcdefghijklmnopqrstuvwxyz0123456789_./-", "abcdefghijklmnopqrstuvwxyz0123456789_.-"


def moved(value, tree):
    """A value with each ``/opt/ml`` in its texts replaced by ``tree``."""
    if isinstance(value, str):
        return moved_text(value, tree) if ML in value else value
    if isinstance(value, bytes):
        return moved(value.decode("latin-1"), tree.encode("utf-8").decode("latin-1")).encode("latin-1")
    if isinstance(value, (list, tuple)):
        return [moved(one, tree) for one in value]
    if isinstance(value, dict):
        return {key: moved(one, tree) for key, one in value.items()}
    return value


def moved_text(text, tree):
    """Without ``re``, which is not whole while it lies dormant."""
    parts = text.split(ML)
    done = parts[0]
    for index, part in enumerate(parts[1:]):
        before = parts[index]
        is_place = not before or before[-1].lower() not in BEFORE
        done += (tree if is_place and (not part or part[0].lower() not in AFTER) else ML) + part
    return done


def compiled(source, path, tree):
    """The code of a source with its path constants changed. Raises what ``compile`` raises."""
    (ast,) = borrow("ast")
    parsed = ast.parse(source, path)
    for node in ast.walk(parsed):
        if isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes)):
            node.value = moved(node.value, tree)
    return compile(parsed, path, "exec", dont_inherit=True)


def rewrite_modules(folders, tree):
    """From now on, modules in these folders are compiled so; what was cached of them is passed over."""
    loader = LOADERS.SourceFileLoader
    original = loader.get_code
    borrow("ast")

    def get_code(self, fullname):
        path = self.get_filename(fullname)
        if not any(path.startswith(folder + "/") for folder in folders):
            return original(self, fullname)
        return compiled(self.get_data(path), path, tree)

    loader.get_code = get_code


def rewrite_files(tree):
    """Change the copies of the code in the tree, unless its name would need quoting there."""
    if any(char.lower() not in AFTER + "/" for char in tree):
        return
    for at, _, names in os.walk(tree):
        for name in names:
            if name.endswith((".py", ".sh")):
                rewrite_file(os.path.join(at, name), tree)


def rewrite_file(path, tree):
    try:
        with open(path, "r+b") as file:
            text = file.read()
            if ML.encode("ascii") in text:
                file.seek(0)
                file.write(moved(text, tree))
                file.truncate()
    except OSError:
        pass  # then it is as without us


def relocate(request, tree):
    """Change what a request says to a folder that is there."""
    for name in ("path", "argv", "env", "given", "sys_path"):
        request[name] = moved(request[name], tree)
    rewrite_files(tree)
    request["container"].update(moved=tree, cwd=moved(request["container"]["cwd"], tree))
    sys.argv[:] = moved(list(sys.argv), tree)
    sys.path[:] = moved(list(sys.path), tree)
