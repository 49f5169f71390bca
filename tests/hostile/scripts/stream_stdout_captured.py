"""Puts a StringIO in place of sys.stdout and prints into it."""
import io
import sys

sys.stdout = io.StringIO()
print("to a string")

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write(sys.stdout.getvalue())
