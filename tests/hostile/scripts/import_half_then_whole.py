"""Imports xml, and later xml.dom, which must then be there."""
import sys
import xml

if __name__ == "__main__":
    assert not hasattr(xml, "dom")
    import xml.dom.minidom

    assert xml.dom.minidom.parseString("<a/>").documentElement.tagName == "a"
    open(sys.argv[1] + "/result.txt", "w").write("done")
