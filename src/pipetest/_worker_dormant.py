"""Modules that are imported once for all steps, and lie dormant until a script imports them.

What the worker imports, for itself and for the steps, is kept out of ``sys.modules`` and off its parents'
attributes, so that a script sees the modules that a fresh interpreter would show it and no others:
``import xml`` and then ``xml.dom`` fails there, and must fail here too. A finder wakes a module, with all
that it had itself imported, when the script really imports it. What importing did to the process
(exit handlers, environment variables) is owed until then.
"""

import _signal as signal  # the builtin half of signal: the other one costs an import of enum
import _warnings
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
recorders = []  # those that are active
accounted = set()  # names in sys.modules of which it is known who imported them
owed = {}  # name -> [(function, args)]: effects on the process that are owed when the module wakes


class Dormant:
    """Finder of dormant modules, and the loader of those whose own loader is a class (builtin ones)."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        module = dormant.get(name)
        if module is None or ("." not in name and is_shadowed(name)):
            return None
        spec = BOOTSTRAP.ModuleSpec(name, Dormant)
        spec.__dict__.update(namespace_of(originals[name]))
        spec.loader = waking(spec.loader)
        return spec

    @staticmethod
    def create_module(spec):
        return dormant[spec.name]

    @staticmethod
    def exec_module(module):
        name = module.__spec__.name
        module.__spec__ = originals[name]  # the import system has just set it to ours
        wake(name)


wakers = {}  # type of loader -> a subclass of it that wakes


def waking(loader):
    """A loader that wakes a dormant module, and answers for its source and data as its own loader does."""
    kind = type(loader)
    if kind is type or not hasattr(loader, "__dict__"):
        return Dormant
    if kind not in wakers:
        own = {name: vars(Dormant)[name] for name in ("create_module", "exec_module")}
        wakers[kind] = type(kind.__name__, (kind,), own)
    waker = wakers[kind].__new__(wakers[kind])
    vars(waker).update(vars(loader))
    return waker


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
    waiting, effects = [name], []
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
        accounted.add(name)
        if name in bound and parent in sys.modules:
            vars(sys.modules[parent])[child] = module
        effects += owed.get(name, ())
        waiting.extend(reversed(list(needs.get(name, ()))))
    if recorders:
        return  # a preload that needs the module: what is owed is still owed to the scripts that wake both
    for effect, args in effects:  # now that what they use is awake
        effect(*args)


def sleep(awake):
    """Take all modules but those out of sight, as if they had not been imported."""
    if "__mp_main__" not in awake:
        sys.modules.pop("__mp_main__", None)  # multiprocessing made it: our own file, not a script
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


def changes(before, after):
    """The items of the second dict that the first has not."""
    if before == after:
        return []
    return [(key, value) for key, value in after.items() if before.get(key, MISSING) is not value]


def root_handlers():
    root = namespace_of(sys.modules.get("logging")).get("root")  # not there yet while logging is imported
    return {handler: handler for handler in root.handlers} if root else {}


def set_in_sys(name, value):
    if name == "recursionlimit":
        sys.setrecursionlimit(value)
    else:
        setattr(sys, name, value)


SIGNALS = [getattr(signal, "SIG" + name) for name in ("INT", "TERM", "HUP", "USR1", "USR2", "ALRM", "PIPE")]
# What importing does to the process beside loading modules: how to read it, to do it again, to undo it.
EFFECTS = [
    (
        lambda: dict(os.environ._data),
        lambda key, value: os.environ.setdefault(os.fsdecode(key), os.fsdecode(value)),
        lambda key, value: os.environ.pop(os.fsdecode(key), None),
    ),
    (
        lambda: {key: value for key, value in vars(builtins).items() if key != "__import__"},
        lambda key, value: setattr(builtins, key, value),
        lambda key, value: delattr(builtins, key),
    ),
    (
        lambda: {
            "excepthook": sys.excepthook,
            "unraisablehook": sys.unraisablehook,
            "displayhook": sys.displayhook,
            "recursionlimit": sys.getrecursionlimit(),
        },
        set_in_sys,
        None,
    ),
    (
        lambda: {one: one for one in _warnings.filters},
        lambda key, value: _warnings.filters.insert(0, value),
        lambda key, value: _warnings.filters.remove(value),
    ),
    (
        root_handlers,
        lambda key, value: sys.modules["logging"].root.addHandler(value),
        lambda key, value: sys.modules["logging"].root.removeHandler(value),
    ),
    (
        lambda: {number: signal.getsignal(number) for number in SIGNALS},
        lambda key, value: signal.signal(key, value),
        None,
    ),
]


class Recorder:
    """While active, notes which module imports which, and what importing does to the process."""

    def __enter__(self):
        recorders.append(self)
        self.importing = [None]
        self.awake = set(sys.modules)
        accounted.clear()
        accounted.update(sys.modules)
        self.state = self.before = [read() for read, _, _ in EFFECTS]
        self.real_load, self.real_import = BOOTSTRAP._find_and_load, builtins.__import__
        self.register, self.register_at_fork = atexit.register, os.register_at_fork
        BOOTSTRAP._find_and_load, builtins.__import__ = self.load, self.import_
        atexit.register, os.register_at_fork = self.note_atexit, self.note_at_fork
        return self

    def __exit__(self, *_):
        recorders.remove(self)
        BOOTSTRAP._find_and_load, builtins.__import__ = self.real_load, self.real_import
        atexit.register, os.register_at_fork = self.register, self.register_at_fork
        for (read, write, remove), before in zip(EFFECTS, self.before):  # noqa: B905 (Python 3.8)
            for key, value in changes(before, read()):
                write(key, before[key]) if key in before else remove(key, value)
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
            if name in sys.modules:
                accounted.add(name)
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
        """What the module that is being executed has by itself done to sys.modules and to the process."""
        pending = [one for one in self.importing[1:] if one in sys.modules and one not in accounted]
        if len(sys.modules) != len(accounted) + len(pending):
            others = set(sys.modules).difference(accounted, pending)
            needs.setdefault(name, {}).update(dict.fromkeys(sorted(others)))
            accounted.intersection_update(sys.modules)
            accounted.update(others)
        state = [read() for read, _, _ in EFFECTS]
        for (_, write, _), before, after in zip(EFFECTS, self.state, state):  # noqa: B905 (Python 3.8)
            for change in changes(before, after):
                owed.setdefault(name, []).append((write, change))
        self.state = state

    def note_atexit(self, function, *args, **kwargs):
        if len(self.importing) == 1:  # called by what kept a reference to us, long after the recording
            return self.register(function, *args, **kwargs)
        owed.setdefault(self.importing[-1], []).append((lambda: self.register(function, *args, **kwargs), ()))
        return function

    def note_at_fork(self, **hooks):
        """Hooks of dormant modules are not run at each fork, which would cost it a third; at waking, then."""

        def owe():
            self.register_at_fork(**hooks)
            hooks.get("after_in_child", int)()

        if len(self.importing) == 1:
            self.register_at_fork(**hooks)
        else:
            owed.setdefault(self.importing[-1], []).append((owe, ()))


def borrow(*names):
    """Import modules for our own use, and leave them dormant."""
    if not all(name in dormant or name in sys.modules for name in names):
        with Recorder():
            for name in names:
                if name not in dormant:
                    builtins.__import__(name)
            return [dormant[name] if name in dormant else sys.modules[name] for name in names]
    return [dormant[name] if name in dormant else sys.modules[name] for name in names]


def hide(baseline, folder):
    """Once our own parts are loaded: out of sight with them, and with what they imported."""
    for name in [name for name in sys.modules if name.startswith("_worker_")]:
        del sys.modules[name]
    sleep(baseline)
    sys.path_importer_cache.pop(folder, None)
    search_path[:] = sys.path


sys.meta_path.insert(0, Dormant)
