"""Is named like a standard module, and imports itself where it wants the standard one."""
import random

if __name__ == "__main__":
    random.choice([1, 2])
