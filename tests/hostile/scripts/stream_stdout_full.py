"""Prints to a device that is full, which shows only at the last flush: exit code 120."""
import os
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    os.dup2(os.open("/dev/full", os.O_WRONLY), 1)
    print("to a full device")
