"""Modules that are imported once for all steps, and lie dormant until a script imports them.

What the worker imports, for itself and for the steps, is kept out of ``sys.modules`` and off its parents'
attributes, so that a script sees the modules that a fresh interpreter would show it and no others:
``import xml`` and then ``xml.dom`` fails there, and must fail here too. A finder wakes a module, with all
that it had itself imported, when the script really imports it. What importing did to the process
(exit handlers, environment variables) is owed until then.
"""

import atexit
import builtins
import os
import sys

# A script may replace builtins; these functions keep a copy of their own.
__builtins__ = dict(vars(builtins))

BOOTSTRAP = sys.modules["_frozen_importlib"]
LOADERS = sys.modules["_frozen_importlib_external"]
MISSING = object()

dormant = {}  # name -> module: imported here, not yet by the script
originals = {}  # name -> the module's own __spec__
needs = {}  # name -> {name: None}: what a module imported while it was executed, in order
replaced = {}  # name -> value of the parent's attribute before the import system set it to the module
bound = {}  # name -> the same, or MISSING, for modules that their parent had as an attribute in the end
owed = {}  # name -> [(function, args)]: effects on the process that are owed when the module wakes


class Dormant:
    """Finder and loader of dormant modules."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        module = dormant.get(name)
        if module is None or ("." not in name and is_shadowed(name)):
            return None
        spec = BOOTSTRAP.ModuleSpec(name, Dormant)
        spec.__dict__.update(namespace_of(originals[name]))
        spec.loader = Dormant
        return spec

    @staticmethod
    def create_module(spec):
        return dormant[spec.name]

    @staticmethod
    def exec_module(module):
        name = module.__spec__.name
        module.__spec__ = originals[name]  # the import system has just set it to ours
        wake(name)


search_path = list(sys.path)  # where preloaded modules were found


def is_shadowed(name):
    """Whether a script put a folder on sys.path that has another module of that name."""
    added = [entry for entry in sys.path if entry not in search_path]
    if not added or name in sys.builtin_module_names:
        return False
    finder = LOADERS.PathFinder
    return finder.find_spec(name, added) is not None


def wake(name):
    """Put a dormant module, and all that it imported, where an import would have put them."""
    waiting = [name]
    while waiting:
        name = waiting.pop()
        parent, _, child = name.rpartition(".")
        if parent in dormant:
            waiting += [name, parent]
            continue
        module = dormant.pop(name, None)
        if module is None:
            continue
        sys.modules[name] = module
        if name in bound and parent in sys.modules:
            vars(sys.modules[parent])[child] = module
        for effect, args in owed.get(name, ()):
            effect(*args)
        waiting.extend(reversed(list(needs.get(name, ()))))


def sleep(awake):
    """Take all modules but those out of sight, as if they had not been imported."""
    for name in [name for name in sys.modules if name not in awake]:
        module = dormant[name] = sys.modules.pop(name)
        originals.setdefault(name, namespace_of(module).get("__spec__"))
        parent, _, child = name.rpartition(".")
        owner = namespace_of(dormant[parent] if parent in dormant else sys.modules.get(parent))
        if parent and owner.get(child) is module:
            before = bound[name] = replaced.get(name, MISSING)
            if before is MISSING:
                del owner[child]
            else:
                owner[child] = before


def namespace_of(module):
    """The attributes of what stands in sys.modules, which need not be a module."""
    return getattr(module, "__dict__", {})


class Recorder:
    """While active, notes which module imports which, and what importing does to the process."""

    def __enter__(self):
        self.importing = [None]
        self.awake = set(sys.modules)
        self.known = set(sys.modules)
        self.environ = dict(os.environ._data)
        self.real_load, self.real_import = BOOTSTRAP._find_and_load, builtins.__import__
        self.register = atexit.register
        BOOTSTRAP._find_and_load, builtins.__import__ = self.load, self.import_
        atexit.register = self.note_atexit
        return self

    def __exit__(self, *_):
        BOOTSTRAP._find_and_load, builtins.__import__ = self.real_load, self.real_import
        atexit.register = self.register
        sleep(self.awake)

    def edge(self, name):
        needs.setdefault(self.importing[-1], {})[name] = None

    def load(self, name, import_):
        """In place of importlib's own: every import that sys.modules does not answer at once."""
        self.edge(name)
        if name in sys.modules:
            return self.real_load(name, import_)
        self.settle(self.importing[-1])
        self.importing.append(name)
        try:
            parent, _, child = name.rpartition(".")
            if parent:
                self.load(parent, import_)  # as the import system does first
            if parent and name not in sys.modules:
                before = namespace_of(sys.modules[parent])
                if child in before:
                    replaced.setdefault(name, before[child])
            return self.real_load(name, import_)
        finally:
            self.known.add(name)
            self.settle(self.importing.pop())

    def import_(self, name, globals=None, locals=None, fromlist=(), level=0):  # noqa: A002
        """In place of ``__import__``: also the imports that sys.modules answers."""
        module = self.real_import(name, globals, locals, fromlist, level)
        if level:
            name = BOOTSTRAP._resolve_name(name, BOOTSTRAP._calc___package__(globals), level)
        self.edge(name)
        for item in fromlist or ():
            for one in getattr(module, "__all__", ()) if item == "*" else (item,):
                if "%s.%s" % (name, one) in sys.modules:
                    self.edge("%s.%s" % (name, one))
        return module

    def settle(self, name):
        """What the module that is being executed has put into sys.modules and the environment by itself."""
        pending = [one for one in self.importing[1:] if one in sys.modules and one not in self.known]
        if len(sys.modules) != len(self.known) + len(pending):
            others = set(sys.modules).difference(self.known, pending)
            needs.setdefault(name, {}).update(dict.fromkeys(sorted(others)))
            self.known = set(sys.modules).difference(pending)
        if os.environ._data != self.environ:
            added = [os.environ.decodevalue(key) for key in os.environ._data if key not in self.environ]
            owed.setdefault(name, []).extend((os.environ.setdefault, (key, os.environ[key])) for key in added)
            self.environ = dict(os.environ._data)

    def note_atexit(self, function, *args, **kwargs):
        if len(self.importing) == 1:  # called by what kept a reference to us, long after the recording
            return self.register(function, *args, **kwargs)
        owed.setdefault(self.importing[-1], []).append((lambda: self.register(function, *args, **kwargs), ()))
        return function


def borrow(*names):
    """Import modules for our own use, and leave them dormant."""
    with Recorder():
        for name in names:
            if name not in dormant:
                builtins.__import__(name)
        return [dormant[name] if name in dormant else sys.modules[name] for name in names]


def hide(baseline, folder):
    """Once our own parts are loaded: out of sight with them, and with what they imported."""
    for name in [name for name in sys.modules if name.startswith("_worker_")]:
        del sys.modules[name]
    sleep(baseline)
    sys.path_importer_cache.pop(folder, None)
    search_path[:] = sys.path


sys.meta_path.insert(0, Dormant)
