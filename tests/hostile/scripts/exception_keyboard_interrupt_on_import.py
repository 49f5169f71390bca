"""Raises KeyboardInterrupt as it is loaded."""
raise KeyboardInterrupt("nobody pressed a key")

if __name__ == "__main__":
    pass
