"""Names the guard `if __name__ == "__main__":` in text only, and works at the top level."""
import sys

# if __name__ == "__main__":
open(sys.argv[1] + "/result.txt", "w").write("done")
