"""Defines main in a branch."""
import sys

if sys.version_info >= (3, 8):

    def main():
        open(sys.argv[1] + "/result.txt", "w").write("done")


if __name__ == "__main__":
    main()
