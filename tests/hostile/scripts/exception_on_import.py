"""Raises as it is loaded."""
RATES = {"EUR": 1}
RATE = RATES["DKK"]

if __name__ == "__main__":
    pass
