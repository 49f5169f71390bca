"""Raises a BaseExceptionGroup as it is loaded."""
raise BaseExceptionGroup("three shards failed", [KeyboardInterrupt(), SystemExit(0)])

if __name__ == "__main__":
    pass
