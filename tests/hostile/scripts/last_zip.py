"""Leaves a zip file open at the top level."""
import sys
import zipfile

archive = zipfile.ZipFile(sys.argv[1] + "/result.zip", "w")
archive.writestr("result.txt", "done")
