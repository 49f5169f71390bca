"""Uses names in annotations that exist nowhere."""
from __future__ import annotations

import sys


def main(table: NoSuchType[With, Many, Parts]) -> NoSuchResult:
    open(sys.argv[1] + "/result.txt", "w").write("done")


if __name__ == "__main__":
    main(None)
