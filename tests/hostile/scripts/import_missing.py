"""Imports a module that is not installed."""
import no_such_package_kiwi

if __name__ == "__main__":
    no_such_package_kiwi.work()
