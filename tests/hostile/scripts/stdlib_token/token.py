"""Is named like a standard module that others need, and imports one of those."""
import inspect

if __name__ == "__main__":
    print(inspect.currentframe())
