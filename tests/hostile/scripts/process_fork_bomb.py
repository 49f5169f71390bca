"""Forks until there are sixty-four processes, all in sleep, some in sessions of their own."""
import os
import sys
import time

if __name__ == "__main__":
    out, top = sys.argv[1], os.getpid()
    for number in range(6):
        if os.fork() == 0 and number % 2:
            os.setsid()
    if os.getpid() != top:
        time.sleep(60)
        os._exit(0)
    with open(out + "/result.txt", "w") as file:
        file.write("done")
