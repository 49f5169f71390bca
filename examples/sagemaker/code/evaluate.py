"""Score the model on the test part. Runs in a Processing job."""

import json
import pickle
import tarfile
from pathlib import Path

import pandas as pd

BASE = Path("/opt/ml/processing")

if __name__ == "__main__":
    with tarfile.open(BASE / "model" / "model.tar.gz") as archive:
        archive.extractall(BASE / "model", filter="data")
    model = pickle.loads((BASE / "model" / "model.pkl").read_bytes())
    features = json.loads((BASE / "model" / "features.json").read_text())

    test = pd.read_csv(BASE / "test" / "test.csv")
    error = model.predict(test[features]) - test["rings"]
    report = {"regression_metrics": {"mse": {"value": float((error**2).mean()), "rows": len(test)}}}
    (BASE / "evaluation" / "evaluation.json").write_text(json.dumps(report))
