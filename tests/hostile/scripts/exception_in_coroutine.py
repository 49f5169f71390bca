"""Raises inside asyncio.run."""
import asyncio


async def main():
    await asyncio.sleep(0)
    raise ValueError("awaited in vain")


if __name__ == "__main__":
    asyncio.run(main())
