"""Works at the top level, as a notebook that was saved as a script does."""
import sys

rows = [int(text) for text in "1 2 3".split()]
with open(sys.argv[1] + "/result.txt", "w") as file:
    file.write(str(sum(rows)))
