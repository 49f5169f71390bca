"""Raises an ExceptionGroup."""

if __name__ == "__main__":
    raise ExceptionGroup("three shards failed", [ValueError("shard one"), OSError("shard two"), KeyError("shard 3")])
