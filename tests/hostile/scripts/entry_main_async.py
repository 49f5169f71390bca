"""Defines main as a coroutine and runs it in its guard."""
import asyncio
import sys


async def main():
    open(sys.argv[1] + "/result.txt", "w").write("done")


if __name__ == "__main__":
    asyncio.run(main())
