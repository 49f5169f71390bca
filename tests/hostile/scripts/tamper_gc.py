"""Turns the garbage collector off, freezes it and leaves a callback that raises."""
import gc
import sys


def callback(phase, info):
    raise ValueError("collected nothing")


gc.disable()
gc.freeze()
gc.set_threshold(0)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    gc.callbacks.append(callback)
