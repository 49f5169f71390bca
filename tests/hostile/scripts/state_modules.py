"""Asserts that modules that it did not import are not there."""
import sys

if __name__ == "__main__":
    for name in ("json", "logging", "multiprocessing", "pandas", "numpy", "torch", "pipetest", "subprocess", "asyncio"):
        assert name not in sys.modules, name
    assert len(sys.modules) < 120, len(sys.modules)
    import json

    assert sys.modules["json"] is json and json.loads("[1]") == [1]
    open(sys.argv[1] + "/result.txt", "w").write("done")
