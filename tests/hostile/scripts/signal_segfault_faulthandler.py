"""Turns faulthandler on, then reads address zero."""
import ctypes
import faulthandler

if __name__ == "__main__":
    faulthandler.enable()
    ctypes.string_at(0)
