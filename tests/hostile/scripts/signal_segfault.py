"""Reads address zero: a segmentation fault."""
import ctypes

if __name__ == "__main__":
    ctypes.string_at(0)
