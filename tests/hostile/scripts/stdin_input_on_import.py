"""Asks a question as it is loaded."""
ANSWER = input("Go on? [y/n] ")

if __name__ == "__main__":
    pass
