"""Has an invalid escape in a string, of which the compiler only warns."""
import re
import sys

DIGITS = re.compile("\d+")

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write(DIGITS.sub("", "done 3"))
