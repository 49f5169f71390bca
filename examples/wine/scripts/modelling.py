"""What the training and evaluation scripts share: reading a split, keeping and loading a model."""

import json
from pathlib import Path

import joblib
import numpy as np
import pandas as pd

SKEWED = ["malic_acid", "magnesium", "color_intensity", "proline"]


def read_split(path):
    """Features and labels of one split."""
    table = pd.read_csv(path)
    return table.drop(columns="label"), table["label"]


def log_skewed(features):
    """Straighten the measurements with a long tail; pickled into the models by its name."""
    return features.assign(**{name: np.log1p(features[name]) for name in SKEWED})


def save_model(model, folder, **facts):
    """Write the model and what is worth knowing about it into a folder."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(model, folder / "model.joblib")
    (folder / "facts.json").write_text(json.dumps(facts, indent=2))


def load_model(folder):
    """The model of a folder that ``save_model`` wrote, and its facts."""
    folder = Path(folder)
    return joblib.load(folder / "model.joblib"), json.loads((folder / "facts.json").read_text())
