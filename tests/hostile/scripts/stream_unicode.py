"""Prints text of many scripts."""
import sys

if __name__ == "__main__":
    print("smørrebrød 数据 данные 🥝 \u0301")
    open(sys.argv[1] + "/result.txt", "w", encoding="utf-8").write("smørrebrød")
