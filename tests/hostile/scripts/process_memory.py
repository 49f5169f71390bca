"""Uses three hundred megabytes for a moment."""
import sys

if __name__ == "__main__":
    block = bytearray(300_000_000)
    block[::4096] = b"x" * len(block[::4096])
    open(sys.argv[1] + "/result.txt", "w").write("done")
