"""The stand-in for pip, uv and conda inside a step.

What would change the environment changes nothing: it is noted in the record, for the report to judge.
Everything else is answered by the real tool. Runs in any Python 3.
"""

import importlib.util
import json
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RECORD = os.path.join(os.path.dirname(os.path.dirname(os.path.realpath(HERE))), "record")
CHANGING = {
    "pip": {"install", "uninstall", "download", "wheel"},
    "uv pip": {"install", "uninstall", "sync"},
    "uv": {"add", "remove", "sync"},
    "uv tool": {"install", "uninstall", "upgrade"},
    "conda": {"install", "update", "upgrade", "remove", "uninstall", "create"},
    "conda env": {"create", "update", "remove"},
}
SOURCES = {"-r", "--requirement", "--group", "--requirements-from-script"}
# Options that are followed by a value. Those of conda mean other things, and are kept apart.
WITH_VALUE = set(
    """-r --requirement --requirements -c --constraint --constraints -e --editable -t --target --platform
    --python-version --python-platform --implementation --abi --root --prefix --src --upgrade-strategy
    -C --config-settings --config-setting --global-option --install-option --build-option --no-binary
    --only-binary --progress-bar --root-user-action --report -i --index-url --pypi-url --extra-index-url
    -f --find-links --group -d --dest --download -w --wheel-dir -b --build --build-dir
    --requirements-from-script --build-constraint --python -p --log --log-file --local-log --proxy
    --retries --timeout --exists-action --trusted-host --allow-insecure-host --cert --client-cert
    --cache-dir --use-feature --use-deprecated --keyring-provider --resume-retries --index
    --default-index --index-strategy --link-mode --prerelease --resolution --exclude-newer --override
    --overrides --upgrade-package -P --reinstall-package --refresh-package --directory --project
    --config-file --color --extra --optional""".split()
)
CONDA_WITH_VALUE = set(
    "-c --channel -n --name -p --prefix --file -f --solver --revision --repodata-fn".split()
)
NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?=$|[\[<>=!~;@( ])")
ARCHIVES = (".whl", ".zip", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".tar")
SECRET = re.compile(r"(?<=//)[^/@\s]+(?=@)")


class PipError(Exception):
    """What makes pip itself end with code 1, in its own words."""


def main(args=None):
    """``pip ARGS``: the function that all of pip's entry points come down to."""
    args = list(sys.argv[1:] if args is None else args)
    return answer("pip", args, real_pip)


def main_of(tool):
    """The entry point of a tool in ``bin``."""
    if tool.startswith("pip"):
        return main
    kind = "uv" if tool == "uv" else "conda"
    return lambda args: answer(kind, args, lambda words: real_tool(tool, words))


def answer(tool, args, real):
    """Note a call that would change something; hand any other one to the real tool."""
    given = list(options(args, CONDA_WITH_VALUE if tool == "conda" else WITH_VALUE))
    command = take_word(given)
    if "%s %s" % (tool, command) in CHANGING:
        tool, command = "%s %s" % (tool, command), take_word(given)
    names = {option for option, _ in given}
    if command not in CHANGING[tool] or names & {"-h", "--help", "-V", "--version"}:
        return real(args)
    asked, problem = [], None
    try:
        asked = list(requirements(given, tool, command))
        if not asked and tool == "pip" and not names & SOURCES:
            ask = 'You must give at least one requirement to %s (see "pip help %s")'
            raise PipError(ask % (command, command))
    except PipError as error:
        problem = str(error)
    record(tool, command, args, asked, problem)
    listed = ", ".join(map(masked, asked)) or "nothing by name"
    sys.stderr.write("pipetest: %s %s changes nothing here; asked for: %s\n" % (tool, command, listed))
    if problem:
        sys.stderr.write("ERROR: %s\n" % problem)
    return 1 if problem else 0


# --- what is asked for -------------------------------------------------------------------------------------


def options(args, with_value):
    """The options with their values, as pairs; what is no option comes with an empty name."""
    waiting = list(map(str, args))
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            for rest in waiting:
                yield "", rest
            return
        if word[:2] == "--":
            name, equals, value = word.partition("=")
            yield name, waiting.pop(0) if name in with_value and not equals and waiting else value
        elif word[:1] == "-" and len(word) > 1:
            for pair in cluster(word[1:], waiting, with_value):
                yield pair
        else:
            yield "", word


def take_word(given):
    """Remove and return the first word that is neither an option nor the value of one: the command."""
    for index, (option, value) in enumerate(given):
        if not option:
            del given[index]
            return value
    return ""


def cluster(letters, waiting, with_value):
    """``-qr FILE``, ``-rFILE``: short options in one word."""
    while letters:
        name, letters = "-" + letters[0], letters[1:]
        if name in with_value:
            yield name, letters or (waiting.pop(0) if waiting else "")
            return
        yield name, ""


def requirements(given, tool, command):
    """What is asked for, from the command line and from the files that it names."""
    for option, value in given:
        if tool.startswith("conda"):
            if not option:
                yield value
        elif option in ("-r", "--requirement", "--requirements") or (command == "sync" and not option):
            for line in file_lines(value, set()):
                yield line
        elif option in ("-e", "--editable"):
            yield "-e " + value
        elif not option:
            check(value)
            yield value


def file_lines(path, read):
    """The requirements in a file, and in the files that it includes."""
    if "://" in path or os.path.abspath(path) in read:
        if "://" in path:
            yield "-r " + path
        return
    read.add(os.path.abspath(path))
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            text = file.read()
    except (OSError, ValueError) as error:
        raise PipError("Could not open requirements file: %s" % error)
    for line in text.replace("\\\r\n", " ").replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s+)#.*$", "", line).strip()
        line = re.sub(r"\$\{([A-Z0-9_]+)\}", lambda found: os.environ.get(found[1], found[0]), line)
        option, _, value = line.replace("=", " ", 1).partition(" ")
        if line.startswith("-r") or option == "--requirement":
            name = value.strip() if option in ("-r", "--requirement") else line[2:].strip()
            for inner in file_lines(os.path.join(os.path.dirname(path), name), read):
                yield inner
        elif option in ("-e", "--editable"):
            yield "-e " + value.strip()
        elif line and line[0] != "-":
            line = re.split(r"\s+-", line)[0]  # what follows are options for it alone
            check(line)
            yield line


def check(requirement):
    """Refuse what pip refuses, by its own parser; what is no requirement of a name is not looked at."""
    is_path = os.sep in requirement.partition(";")[0] or requirement[:1] == "." or os.path.exists(requirement)
    if "://" in requirement or is_path or requirement.lower().endswith(ARCHIVES) or NAME.match(requirement):
        if not re.match(r"[\w.-]+\s*(\[[^]]*\])?\s*=[^=]", requirement):
            return
    raise PipError("Invalid requirement: %r" % masked(requirement))


def masked(text):
    return SECRET.sub("***", text)


def record(tool, command, args, asked, problem):
    """Add one line to the record; where that is gone, nobody asks any more."""
    file, line = caller()
    said = {
        "what": "pip",
        "tool": tool,
        "command": command,
        "args": [masked(str(arg)) for arg in args],
        "cwd": os.getcwd(),
        "requirements": [masked(one) for one in asked],
        "installed": installed(asked),
        "python": "%d.%d.%d" % sys.version_info[:3],
        "problem": problem,
        "file": file,
        "line": line,
    }
    try:
        fd = os.open(RECORD, os.O_WRONLY | os.O_APPEND)
    except OSError:
        return
    try:
        os.write(fd, (json.dumps(said) + "\n").encode("ascii"))
    finally:
        os.close(fd)


def installed(asked):
    """The installed version, or None, of each name that is asked for; names as PEP 503 writes them."""
    try:
        from importlib import metadata
    except ImportError:
        return {}  # before Python 3.8: not judged
    found = {}
    for match in filter(None, map(NAME.match, asked)):
        name = re.sub(r"[-_.]+", "-", match.group(1)).lower()
        try:
            found[name] = metadata.version(name)
        except Exception:
            found[name] = spelled_otherwise(metadata, name)
    return found


def spelled_otherwise(metadata, name):
    """Up to Python 3.9 a name is found only as the distribution itself spells it."""
    if sys.version_info >= (3, 10):
        return None
    for one in metadata.distributions():
        if re.sub(r"[-_.]+", "-", one.metadata["Name"] or "").lower() == name:
            return one.version
    return None


def caller():
    """Where a script calls pip inside its own process; nothing where this is a process of its own."""
    frame = sys._getframe(1)
    stdlib = os.path.dirname(os.__file__) + os.sep
    while frame is not None:
        file = os.path.abspath(frame.f_code.co_filename)
        ours = file.startswith((HERE + os.sep, os.path.dirname(RECORD) + os.sep))
        if not ours and "<" not in file and not file.startswith(stdlib) and "-packages" + os.sep not in file:
            return file, frame.f_lineno
        frame = frame.f_back
    return None, None


# --- the real ones -----------------------------------------------------------------------------------------


def real_folder():
    """The folder of the real pip, or None."""
    for entry in sys.path:
        folder = os.path.join(entry, "pip")
        if os.path.isfile(os.path.join(folder, "__init__.py")):
            if not os.path.isfile(os.path.join(folder, "_standin.py")):
                return folder
    return None


def adopt(namespace, inside):
    """Let a package of the stand-in be the real one in all that it does not itself define."""
    real = real_folder()
    if real is None:
        namespace.setdefault("__version__", "0")
        return
    real = os.path.join(real, *inside.split("/"))
    namespace["__path__"].append(real.rstrip(os.sep))
    path = os.path.join(real, "__init__.py")
    with open(path, "rb") as file:
        code = compile(file.read(), path, "exec", dont_inherit=True)
    exec(code, namespace)


def real_pip(args):
    """Run the real pip in this process."""
    folder = real_folder()
    if folder is None:
        sys.stderr.write("%s: No module named pip\n" % sys.executable)
        return 1
    import pip._internal  # noqa: F401 (what it prepares for its own modules)

    for inner in ("cli/main.py", "main.py", "__init__.py"):
        path = os.path.join(folder, "_internal", *inner.split("/"))
        if os.path.isfile(path):
            break
    name = "pip._internal." + inner[:-3].replace("/", ".").replace("__init__", "_real")
    spec = importlib.util.spec_from_file_location(name, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.main(["--disable-pip-version-check"] + args)  # it would ask for a newer pip


def real_tool(tool, args):
    """Become the next program of that name on PATH."""
    ours = os.path.join(os.path.dirname(RECORD), "bin")
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    for folder in folders:
        path = os.path.join(folder, tool)
        if os.path.realpath(folder) != os.path.realpath(ours) and os.access(path, os.X_OK):
            os.execv(path, [tool] + args)
    sys.stderr.write("%s: command not found\n" % tool)
    return 127
