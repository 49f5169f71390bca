"""Asserts that it runs in the main thread, and that there is no other."""
import os
import sys
import threading

if __name__ == "__main__":
    assert threading.current_thread() is threading.main_thread()
    assert threading.active_count() == 1, threading.enumerate()
    assert threading.main_thread().name == "MainThread"
    if sys.platform == "linux":
        assert threading.get_native_id() == os.getpid()
        assert len(os.listdir("/proc/self/task")) == 1
    open(sys.argv[1] + "/result.txt", "w").write("done")
