"""Changes to another folder, then raises: the traceback must still name the line."""
import os

if __name__ == "__main__":
    os.chdir("/")
    raise ValueError("from another folder")
