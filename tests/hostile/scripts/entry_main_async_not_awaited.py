"""Defines main as a coroutine and forgets to await it, which a plain interpreter only warns of."""
import sys


async def main():
    open(sys.argv[1] + "/result.txt", "w").write("done")


if __name__ == "__main__":
    main()
