"""Asks a question that nobody answers."""

if __name__ == "__main__":
    input("Go on? [y/n] ")
