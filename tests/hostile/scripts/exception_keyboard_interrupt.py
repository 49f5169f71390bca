"""Raises KeyboardInterrupt, after which the interpreter ends itself with SIGINT."""

if __name__ == "__main__":
    raise KeyboardInterrupt("nobody pressed a key")
