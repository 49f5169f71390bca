"""Clean the measurements, add ratios that chemists look at, and describe the result."""

import argparse
import json
import os
from pathlib import Path

import pandas as pd


def add_ratios(wine):
    return wine.assign(
        flavanoid_share=wine["flavanoids"] / wine["total_phenols"],
        colour_per_alcohol=wine["color_intensity"] / wine["alcohol"],
    )


def main(input_paths, output_paths, environ_vars, job_args, logger=None):
    log = logger or print
    label = environ_vars["LABEL_FIELD"]

    wine = pd.read_csv(input_paths["wine"])
    if label not in wine.columns:
        raise KeyError(f"label field {label!r} is not among the columns {list(wine.columns)}")
    before = len(wine)
    wine = wine.dropna(subset=[label]).drop_duplicates().rename(columns={label: "label"})
    measurements = wine.columns.drop("label")
    wine[measurements] = wine[measurements].fillna(wine[measurements].median())
    wine = add_ratios(wine)
    log(f"kept {len(wine)} of {before} wines")

    out = Path(output_paths["prepared"])
    wine.to_csv(out / "wine.csv", index=False)
    summary = {
        "rows": len(wine),
        "features": [name for name in wine.columns if name != "label"],
        "labels": wine["label"].value_counts().to_dict(),
    }
    (out / "summary.json").write_text(json.dumps(summary, indent=2))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wine", required=True, help="CSV of the extract step")
    parser.add_argument("--prepared", required=True, help="folder to write")
    args = parser.parse_args()
    main({"wine": args.wine}, {"prepared": args.prepared}, dict(os.environ), args)
