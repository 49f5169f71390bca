"""Imports main from a sibling and calls it in its guard."""
from work import main

if __name__ == "__main__":
    main()
