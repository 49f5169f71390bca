"""Score rows with the model of the archive."""

import argparse
import csv
import json
import os
import tarfile
from pathlib import Path

from scoring_helpers import score


def main(input_paths, output_paths, environ_vars, job_args):
    with tarfile.open(Path(input_paths["model_input"]) / "model.tar.gz") as archive:
        model = json.load(archive.extractfile("model.json"))
    rows = []
    for file in Path(input_paths["scored_data"]).rglob("*.csv"):
        with file.open(newline="") as lines:
            rows += [score(row, model, environ_vars["ID_FIELD"]) for row in csv.DictReader(lines)]
    (Path(output_paths["scores"]) / "scores.json").write_text(json.dumps(rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--job_type", type=str, required=True)
    parser.add_argument("--batch-size", type=int, default=10)
    args = parser.parse_args()
    main(
        {"model_input": "/opt/ml/processing/input/model", "scored_data": "/opt/ml/processing/input/data"},
        {"scores": "/opt/ml/processing/output/scores"},
        {"ID_FIELD": os.environ.get("ID_FIELD", "id")},
        args,
    )
