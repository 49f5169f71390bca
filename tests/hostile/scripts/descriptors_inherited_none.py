"""Asserts that no descriptor of the tester reaches it."""
import os
import sys

if __name__ == "__main__":
    found = []
    for descriptor in range(3, 256):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        if os.get_inheritable(descriptor):
            found.append(descriptor)
    assert not found, f"open and inheritable: {found}"
    open(sys.argv[1] + "/result.txt", "w").write("done")
