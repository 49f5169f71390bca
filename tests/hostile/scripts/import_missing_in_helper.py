"""Imports a helper beside it that imports a module which is not installed."""
import helper_that_imports_kiwi

if __name__ == "__main__":
    helper_that_imports_kiwi.work()
