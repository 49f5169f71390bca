"""Compiles and runs text with a syntax error, which is no syntax error of the script."""

if __name__ == "__main__":
    exec("x = = 1")
