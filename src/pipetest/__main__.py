"""The command. What can be answered without importing anything is answered here."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    del sys.path[0]  # with -m the current folder, whose json.py or queue.py would become ours


def main() -> int:
    """Run the command line. Returns the exit code."""
    arguments = sys.argv[1:]
    if arguments in (["--version"], ["-V"]):
        from pipetest import __version__

        print(f"pipetest {__version__}")
        return 0
    if arguments and arguments[0].partition("=")[0] in ("--script", "--pipeline"):
        from pipetest.runtime_testing import main as founding_main

        return founding_main(arguments)
    from pipetest.cli import main as cli_main

    return cli_main(arguments)


if __name__ == "__main__":
    sys.exit(main())
