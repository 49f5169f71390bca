"""Loops for a minute and has neither guard nor main: it must not be loaded."""
import time

end = time.monotonic() + 60
while time.monotonic() < end:
    pass
