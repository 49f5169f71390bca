"""Leaves a daemonic multiprocessing child that sleeps, which the interpreter ends at exit."""
import multiprocessing
import sys
import time

if __name__ == "__main__":
    multiprocessing.get_context("fork").Process(target=time.sleep, args=(60,), daemon=True).start()
    open(sys.argv[1] + "/result.txt", "w").write("done")
