"""Adds an audit hook that refuses to open, to fork and to start anything more, then works."""
import sys


def refuse(event, arguments):
    if event in ("open", "os.fork", "subprocess.Popen", "import", "os.remove", "os.kill"):
        raise PermissionError("refused by the hook")


if __name__ == "__main__":
    with open(sys.argv[1] + "/result.txt", "w") as file:
        file.write("done")

sys.addaudithook(refuse)
