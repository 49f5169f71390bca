"""Raises an exception whose text looks like markup to a terminal library, to XML and to a formatter."""

if __name__ == "__main__":
    raise ValueError("[/bold] [link=x] [red]kiwi ]]> <failure/> &amp; {0} {} %s %(x)d")
