"""Puts a socket beside its output."""
import os
import socket
import sys

if __name__ == "__main__":
    os.chdir(sys.argv[1])
    socket.socket(socket.AF_UNIX).bind("socket")
    open("result.txt", "w").write("done")
