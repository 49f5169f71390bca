"""Leaves a file open in thread-local storage and in a default argument."""
import sys
import threading

local = threading.local()

if __name__ == "__main__":
    local.file = open(sys.argv[1] + "/result.txt", "w")
    local.file.write("done")

    def keep(file=open(sys.argv[1] + "/second.txt", "w")):
        file.write("done")

    keep()
