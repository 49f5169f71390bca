"""Has a main that is a number, and no guard."""
main = 3
