"""Guards a Python that a step started, then makes way for the environment's own sitecustomize.

It must disturb nothing: no module, no output, no fault; any Python may read it.
"""

import os
import sys


def guard(here):
    """Install the guard, if there is still somebody who reads what it notes."""
    folder = os.path.dirname(here)
    record = os.path.join(folder, "record")
    if not hasattr(sys, "addaudithook") or not os.path.exists(record):
        return
    namespace = {"__name__": "sitecustomize", "__file__": os.path.join(folder, "guard.py")}
    exec(code_of(os.path.join(folder, "guard.")), namespace)
    namespace["install"](record)


def code_of(path):
    """The compiled guard. Compiling takes longest of all, so the first Python to do it keeps it."""
    marshal = sys.modules["marshal"]
    kept = path + sys.implementation.cache_tag
    try:
        with open(kept, "rb") as file:
            return marshal.loads(file.read())
    except (OSError, ValueError, EOFError, TypeError):
        pass
    with open(path + "py", "rb") as file:
        code = compile(file.read(), path + "py", "exec")
    own = "%s.%d" % (kept, os.getpid())
    try:
        with open(own, "wb") as file:
            file.write(marshal.dumps(code))
        os.rename(own, kept)  # whole, or not at all: others may be starting
    except OSError:
        pass
    return code


def make_way(here):
    """Become the next sitecustomize on sys.path, or, where there is none, not to be found at all."""
    loaders = sys.modules.get("_frozen_importlib_external")
    others = [entry for entry in sys.path if os.path.abspath(entry) != here]
    spec = loaders and loaders.PathFinder.find_spec("sitecustomize", others)
    if not spec or not spec.loader:
        error = ImportError("No module named 'sitecustomize'")
        error.name = "sitecustomize"  # this is what site passes over in silence
        raise error
    module = sys.modules["_frozen_importlib"].module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


folder = os.path.dirname(os.path.abspath(__file__))
try:
    guard(folder)
except Exception:
    pass
make_way(folder)
