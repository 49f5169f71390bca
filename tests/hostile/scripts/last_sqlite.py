"""Commits to a database and leaves the connection open."""
import sqlite3
import sys

if __name__ == "__main__":
    base = sqlite3.connect(sys.argv[1] + "/result.db")
    base.execute("create table numbers (number int)")
    base.executemany("insert into numbers values (?)", [(number,) for number in range(100)])
    base.commit()
