"""Leaves by argparse, because an argument that it requires is not given."""
import argparse

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--needed-thing", required=True)
    parser.parse_known_args()
