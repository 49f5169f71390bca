"""Split the raw measurements into train, validation and test. Runs in a Processing job."""

import argparse
from pathlib import Path

import pandas as pd

BASE = Path("/opt/ml/processing")
COLUMNS = ["sex", "length", "diameter", "height", "weight", "rings"]


def read(folder: Path) -> pd.DataFrame:
    """All CSV files of the input, with the sex as one column a value."""
    raw = pd.concat(pd.read_csv(path, names=COLUMNS) for path in sorted(folder.glob("*.csv")))
    features = pd.get_dummies(raw.drop(columns="rings"), columns=["sex"], dtype=float)
    return pd.concat([raw["rings"], features], axis=1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--test-share", type=float, default=0.2)
    args = parser.parse_args()

    data = read(BASE / "input").sample(frac=1, random_state=7)
    count = int(len(data) * args.test_share)
    parts = {"test": data[:count], "validation": data[count : 2 * count], "train": data[2 * count :]}
    for name, part in parts.items():
        part.to_csv(BASE / name / f"{name}.csv", index=False)
        print(f"{name}: {len(part)} rows")
