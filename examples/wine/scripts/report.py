"""Write the card of the better model: what it is, how good it is, where it errs."""

import argparse
import json
from pathlib import Path

import pandas as pd


def table(frame: pd.DataFrame) -> str:
    head = "| " + " | ".join(map(str, frame.columns)) + " |"
    rows = ["| " + " | ".join(map(str, row)) + " |" for row in frame.itertuples(index=False)]
    return "\n".join([head, "|" + " --- |" * len(frame.columns), *rows])


def model_card(metrics: pd.DataFrame, errors: pd.DataFrame, summary: dict) -> str:
    best = metrics["validation_accuracy"].idxmax()
    scores = metrics[["kind", "validation_accuracy", "accuracy", "macro_f1", "log_loss"]]
    mistakes = errors[errors["model"] == best]
    return f"""# Wine cultivar: {metrics.loc[best, "kind"]}

Tells {", ".join(sorted(summary["labels"]))} apart,
by {len(summary["features"])} features of {summary["rows"]} wines.
Chosen by its validation accuracy;
the other scores are of {metrics.loc[best, "tested_on"]} wines that no model has seen.

{table(scores.sort_values("validation_accuracy", ascending=False))}

## Where it errs

{table(mistakes) if len(mistakes) else "It made no mistake on the test wines."}
"""


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("metrics", "errors", "summary", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()

    judged = pd.DataFrame.from_dict(json.loads(args.metrics.read_text()), orient="index")
    card = model_card(judged, pd.read_csv(args.errors), json.loads(args.summary.read_text()))
    args.out.write_text(card)
    print(card.splitlines()[0].lstrip("# "))
