"""Loops in Python for a minute as it is loaded."""
import time

end = time.monotonic() + 60
while time.monotonic() < end:
    pass

if __name__ == "__main__":
    pass
