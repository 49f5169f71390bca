"""Makes twelve hundred folders one inside the other, which is more than a recursion bears."""
import os
import sys

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
    os.chdir(sys.argv[1])
    for _ in range(1200):
        os.mkdir("d")
        os.chdir("d")
