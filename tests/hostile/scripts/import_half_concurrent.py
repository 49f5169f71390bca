"""Imports concurrent and uses concurrent.futures, which is there only where somebody else has imported it."""
import concurrent

if __name__ == "__main__":
    concurrent.futures.ThreadPoolExecutor
