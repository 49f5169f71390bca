"""Put model and calibrator into one archive."""

import tarfile
from pathlib import Path

DEFAULT_MODEL = "/opt/ml/processing/input/model"
DEFAULT_CALIBRATION = "/opt/ml/processing/input/calibration"
DEFAULT_OUTPUT = "/opt/ml/processing/output"


def main(input_paths, output_paths, environ_vars, job_args=None):
    if "model_input" not in input_paths:
        raise ValueError("Missing required input path: model_input")
    calibration = None
    if "calibration_model" in input_paths:
        calibration = Path(input_paths["calibration_model"])
    with tarfile.open(Path(output_paths["output_dir"]) / "bundle.tar.gz", "w:gz") as archive:
        archive.add(input_paths["model_input"], "model")
        if calibration and calibration.exists():
            archive.add(calibration, "calibration")


if __name__ == "__main__":
    main(
        {"model_input": DEFAULT_MODEL, "calibration_model": DEFAULT_CALIBRATION},
        {"output_dir": DEFAULT_OUTPUT},
        {},
    )
