"""Leaves a daemon behind that keeps writing into the output folder."""
import os
import sys
import time

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
    if os.fork() == 0:
        os.setsid()
        for number in range(6000):
            time.sleep(0.01)
            try:
                open(f"{sys.argv[1]}/late_{number % 20}.txt", "w").write("still here")
            except OSError:
                pass
        os._exit(0)
