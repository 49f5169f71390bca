"""Imports xml and uses xml.dom, which is there only where somebody else has imported it."""
import xml

if __name__ == "__main__":
    xml.dom.minidom
