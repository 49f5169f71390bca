"""Imports from __future__ too late, which only the compiler sees."""
import sys
from __future__ import annotations

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
