"""Has a main that is a number beside a guard that does the work."""
import sys

main = 3

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
