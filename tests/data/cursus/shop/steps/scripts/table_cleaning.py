"""Drop incomplete orders and split them."""

import argparse
import csv
import json
import logging
import os
import random
import sys
from pathlib import Path

logger = logging.getLogger(__name__)


def read_columns(folder):
    file = Path(folder) / "columns.csv"
    return file.read_text().split(",") if file.exists() else None


def read_orders(folder):
    for file in sorted(Path(folder).glob("*.csv")):
        with file.open(newline="") as lines:
            yield from csv.DictReader(lines)


def write(rows, folder, split):
    target = Path(folder) / split
    target.mkdir(parents=True, exist_ok=True)
    with (target / f"{split}_data.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]) if rows else ["id"])
        writer.writeheader()
        writer.writerows(rows)


def main(input_paths, output_paths, environ_vars, job_args, logger=None):
    label = environ_vars["LABEL"]
    columns = read_columns(input_paths["COLUMNS"])
    rows = [row for row in read_orders(input_paths["ORDERS"]) if row.get(label)]
    if columns:
        rows = [{name: row[name] for name in columns} for row in rows]
    bounds_folder = input_paths.get("bounds_input")
    bounds = {"rows": len(rows)}
    if bounds_folder and (Path(bounds_folder) / "bounds.json").exists():
        bounds = json.loads((Path(bounds_folder) / "bounds.json").read_text())
    target = Path(output_paths["bounds_output"])
    target.mkdir(parents=True, exist_ok=True)
    (target / "bounds.json").write_text(json.dumps(bounds))
    if job_args.job_type != "training":
        write(rows, output_paths["clean_orders"], job_args.job_type)
        return
    random.Random(int(environ_vars["SEED"])).shuffle(rows)
    cut = int(len(rows) * float(environ_vars["TRAIN_SHARE"]))
    write(rows[:cut], output_paths["clean_orders"], "train")
    write(rows[cut:], output_paths["clean_orders"], "test")


if __name__ == "__main__":
    try:
        parser = argparse.ArgumentParser()
        parser.add_argument("--job_type", required=True, choices=["training", "testing", "calibration"])
        args = parser.parse_args()
        input_paths = {
            "ORDERS": "/opt/ml/processing/input/orders",
            "COLUMNS": "/opt/ml/processing/input/columns",
        }
        if args.job_type != "training":
            input_paths["bounds_input"] = "/opt/ml/processing/input/bounds"
        base = "/opt/ml/processing/output"
        output_paths = {"clean_orders": base + "/data", "bounds_output": base + "/bounds"}
        environ_vars = {
            "LABEL": os.environ["LABEL"],
            "SEED": os.environ.get("SEED", "7"),
            "TRAIN_SHARE": os.environ.get("TRAIN_SHARE", "0.7"),
        }
        main(input_paths, output_paths, environ_vars, args, logger)
        sys.exit(0)
    except Exception:
        logger.exception("cleaning failed")
        sys.exit(1)
