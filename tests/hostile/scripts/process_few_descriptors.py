"""Allows itself no more open files than it has."""
import resource
import sys

if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
