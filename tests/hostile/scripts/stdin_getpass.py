"""Asks for a password, for which the terminal itself is opened."""
import getpass

if __name__ == "__main__":
    getpass.getpass()
