"""Is named like a standard module, and imports itself where it wants the standard one."""
import queue

if __name__ == "__main__":
    queue.Queue()
