"""Prints twenty megabytes as it is loaded."""
import sys

for _ in range(20):
    sys.stdout.write("0123456789abcde\n" * 62_500)

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
