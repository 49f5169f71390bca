"""Puts a named pipe beside its output: who opens it waits for ever."""
import os
import sys

if __name__ == "__main__":
    os.mkfifo(sys.argv[1] + "/a_pipe.csv")
    open(sys.argv[1] + "/result.txt", "w").write("done")
