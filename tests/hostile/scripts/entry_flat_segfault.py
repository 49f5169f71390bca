"""Would crash when it is loaded, but has neither guard nor main, so nobody loads it."""
import ctypes

ctypes.string_at(0)
