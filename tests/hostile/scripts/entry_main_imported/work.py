import sys


def main():
    open(sys.argv[1] + "/result.txt", "w").write("done")
