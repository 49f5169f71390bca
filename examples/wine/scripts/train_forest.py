"""Train a random forest, judged by the wines that each tree did not see."""

import argparse
import os
from typing import Any

import pandas as pd
from modelling import read_split, save_model
from sklearn.ensemble import RandomForestClassifier


def main(
    input_paths: dict[str, str],
    output_paths: dict[str, str],
    environ_vars: dict[str, str],
    job_args: argparse.Namespace,
    logger: Any = None,
) -> RandomForestClassifier:
    log = logger or print
    features, labels = read_split(input_paths["train"])

    forest = RandomForestClassifier(
        n_estimators=job_args.trees, min_samples_leaf=2, oob_score=True, random_state=job_args.seed
    )
    forest.fit(features, labels)

    weights = pd.Series(forest.feature_importances_, index=features.columns).nlargest(3)
    log(f"{job_args.trees} trees: out-of-bag accuracy {forest.oob_score_:.3f}")
    save_model(
        forest,
        output_paths["model"],
        kind="random forest",
        validation_accuracy=round(forest.oob_score_, 4),
        parameters={"trees": job_args.trees, "looks_first_at": list(weights.index)},
    )
    return forest


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", required=True, help="CSV to train on")
    parser.add_argument("--model", required=True, help="folder to write")
    parser.add_argument("--trees", type=int, default=100)
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    main({"train": args.train}, {"model": args.model}, dict(os.environ), args)
