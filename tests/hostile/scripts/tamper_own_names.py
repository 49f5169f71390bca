"""Deletes and changes the names that a module has, then works."""
import sys

write = open
guard = __name__ == "__main__"
__name__ = "somebody else"
__file__ = None
__doc__ = 7
del __builtins__, __spec__, __loader__, __package__

if guard or __name__ == "__main__":
    write(sys.argv[1] + "/result.txt", "w").write("done")
