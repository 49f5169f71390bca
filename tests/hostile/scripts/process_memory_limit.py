"""Limits its own memory and asks for more."""
import resource

if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (2_000_000_000, resource.RLIM_INFINITY))
    bytearray(4_000_000_000)
