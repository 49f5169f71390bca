"""Set a quarter of the wines aside for the test.

usage: split.py PREPARED_DIR TRAIN_CSV TEST_CSV
"""

import sys

import pandas as pd
from sklearn.model_selection import train_test_split

TEST_SHARE = 0.25


def main():
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    prepared, train_csv, test_csv = sys.argv[1:]

    wine = pd.read_csv(f"{prepared}/wine.csv")
    train, test = train_test_split(wine, test_size=TEST_SHARE, stratify=wine["label"], random_state=7)
    train.to_csv(train_csv, index=False)
    test.to_csv(test_csv, index=False)
    print(f"{len(train)} wines to train on, {len(test)} to test")
    return 0


if __name__ == "__main__":
    sys.exit(main())
