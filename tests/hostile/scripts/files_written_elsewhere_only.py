"""Writes into its working folder and not into its output."""

if __name__ == "__main__":
    open("result.txt", "w").write("done")
