"""Raises and asserts that the traceback which it formats itself starts in this file."""
import sys
import traceback

if __name__ == "__main__":
    try:
        int("x")
    except ValueError as error:
        frames = traceback.extract_tb(error.__traceback__)
        assert [frame.name for frame in frames] == ["<module>"], frames
        assert frames[0].filename.endswith("state_traceback.py") and frames[0].line == 'int("x")'
    open(sys.argv[1] + "/result.txt", "w").write("done")
