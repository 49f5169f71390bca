"""Runs an event loop with a child process, a thread and signals in it."""
import asyncio
import signal
import sys


async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, lambda: None)
    child = await asyncio.create_subprocess_exec(sys.executable, "-c", "print('hello')", stdout=asyncio.subprocess.PIPE)
    assert (await child.communicate())[0].strip() == b"hello"
    assert await asyncio.to_thread(sum, [1, 2]) == 3


if __name__ == "__main__":
    asyncio.run(main())
    open(sys.argv[1] + "/result.txt", "w").write("done")
