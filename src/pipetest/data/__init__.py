"""Tables: what is known of files; read, sampled and generated in a process of its own.

``client`` is our end of the line to that process, ``reader`` its loop. Only what it loads imports DuckDB or
pyarrow.
"""
