"""Sets a umask that leaves no permissions at all, then writes."""
import os
import sys

os.umask(0o777)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
