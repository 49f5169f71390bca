"""Reads address zero as it is loaded."""
import ctypes

ctypes.string_at(0)

if __name__ == "__main__":
    pass
