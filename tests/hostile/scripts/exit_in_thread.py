"""Calls sys.exit(3) in a thread, which ends that thread and nothing else."""
import sys
import threading

if __name__ == "__main__":
    thread = threading.Thread(target=sys.exit, args=(3,))
    thread.start()
    thread.join()
    open(sys.argv[1] + "/result.txt", "w").write("done")
