"""Imports xml and uses xml.dom as it is loaded."""
import xml

PARSER = xml.dom

if __name__ == "__main__":
    pass
