"""Has a method named main, which is no entry point, and works at the top level."""
import sys


class Job:
    def main(self):
        open(sys.argv[1] + "/result.txt", "w").write("done")


Job().main()
