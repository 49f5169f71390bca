"""Loops in Python for a minute."""
import time


def main():
    end = time.monotonic() + 60
    while time.monotonic() < end:
        pass


if __name__ == "__main__":
    main()
