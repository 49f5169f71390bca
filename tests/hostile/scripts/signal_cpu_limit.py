"""Limits its own processor time to one second and uses more."""
import resource
import time

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CPU, (1, 20))
    end = time.monotonic() + 20
    while time.monotonic() < end:
        pass
