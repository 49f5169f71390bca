"""Forks, and the child calls sys.exit(9): the parent sees 9 and exits with 0."""
import os
import sys

if __name__ == "__main__":
    child = os.fork()
    if not child:
        sys.exit(9)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    open(sys.argv[1] + "/result.txt", "w").write("done")
