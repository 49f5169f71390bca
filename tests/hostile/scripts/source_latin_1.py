# -*- coding: latin-1 -*-
"""Is written in Latin-1 and says so."""
import sys

BREAD = "smørrebrød"

if __name__ == "__main__":
    assert len(BREAD) == 10
    open(sys.argv[1] + "/result.txt", "w", encoding="utf-8").write(BREAD)
