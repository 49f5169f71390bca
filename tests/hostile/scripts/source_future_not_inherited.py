"""Has annotations that are evaluated, because it imports nothing from __future__."""
import sys

SEEN = []


def main(table: SEEN.append("annotation") = None):
    assert SEEN == ["annotation"]
    open(sys.argv[1] + "/result.txt", "w").write("done")


if __name__ == "__main__":
    main()
