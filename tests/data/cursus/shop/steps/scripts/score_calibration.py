"""Fit a calibrator to scores."""

import argparse
import json
import os
from pathlib import Path

INPUT = "/opt/ml/processing/input/scores"
OUTPUT = "/opt/ml/processing/output/calibrator"


class Config:
    def __init__(self, method):
        self.method = method

    @classmethod
    def from_env(cls):
        return cls(os.environ.get("METHOD", "isotonic"))


def main(input_paths, output_paths, environ_vars, job_args=None):
    scores = json.loads((Path(input_paths["evaluation_data"]) / "scores.json").read_text())
    result = {"method": Config.from_env().method, "scores": len(scores)}
    (Path(output_paths["calibrator"]) / "calibrator.json").write_text(json.dumps(result))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--job_type", required=True, choices=["training", "calibration"])
    main({"evaluation_data": INPUT}, {"calibrator": OUTPUT}, dict(os.environ), parser.parse_args())
