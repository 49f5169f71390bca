"""Empties sys.path, sys.meta_path, sys.path_hooks and the importer cache, then works."""
import sys

sys.path.clear()
sys.meta_path.clear()
sys.path_hooks.clear()
sys.path_importer_cache.clear()

if __name__ == "__main__":
    open(sys.argv[1] + "/result.txt", "w").write("done")
