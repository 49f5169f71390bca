"""Fetch the raw measurements and name each wine's cultivar."""

import argparse
from pathlib import Path

import pandas as pd
from sklearn.datasets import load_wine


def extract(cultivars: Path) -> pd.DataFrame:
    raw = load_wine(as_frame=True).frame
    raw = raw.rename(columns={"od280/od315_of_diluted_wines": "od280_od315"})
    names = pd.read_csv(cultivars)
    wine = raw.merge(names, on="target", how="left", validate="many_to_one")
    unnamed = wine.loc[wine["cultivar"].isna(), "target"].unique()
    if len(unnamed):
        raise ValueError(f"{cultivars.name} has no cultivar for target {sorted(unnamed)}")
    return wine.drop(columns="target")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cultivars", type=Path, required=True, help="CSV: target, cultivar")
    parser.add_argument("--out", type=Path, required=True, help="CSV to write")
    args = parser.parse_args()

    table = extract(args.cultivars)
    table.to_csv(args.out, index=False)
    print(f"extracted {len(table)} wines, {table.shape[1] - 1} measurements")
