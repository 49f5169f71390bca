"""Prints bytes that are no text in any encoding, then exits with 3."""
import sys

if __name__ == "__main__":
    sys.stdout.buffer.write(b"kiwi \xff\xfe\x00\x80 \xed\xa0\x80 \xf5 \xc3")
    sys.exit(3)
