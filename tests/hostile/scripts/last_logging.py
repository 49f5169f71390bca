"""Logs into its output through a memory handler that is flushed at exit."""
import logging
import logging.handlers
import sys

if __name__ == "__main__":
    target = logging.FileHandler(sys.argv[1] + "/result.log", delay=True)
    logging.getLogger().addHandler(logging.handlers.MemoryHandler(10_000, target=target))
    for number in range(100):
        logging.error("line %d", number)
