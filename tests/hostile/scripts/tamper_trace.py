"""Sets trace and profile functions that stay to the end, then works."""
import sys
import threading


def trace(frame, event, argument):
    return trace


sys.settrace(trace)
sys.setprofile(lambda frame, event, argument: None)
threading.settrace(trace)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
