"""Is named like a standard module that half of the standard library needs."""
import enum

if __name__ == "__main__":
    print(enum.Enum)
