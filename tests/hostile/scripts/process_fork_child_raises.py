"""Forks, and the child ends in an exception: the parent's exit code is still 0."""
import os
import sys

if __name__ == "__main__":
    child = os.fork()
    if not child:
        raise ValueError("only the child")
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
    open(sys.argv[1] + "/result.txt", "w").write("done")
