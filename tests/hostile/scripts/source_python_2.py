"""Was written for Python 2."""
import sys

if __name__ == "__main__":
    print "done"
