"""Fit a regression of the number of rings. Runs in a Training job, in script mode."""

import argparse
import json
import os
import pickle
from pathlib import Path

import pandas as pd
from features import split
from sklearn.ensemble import GradientBoostingRegressor

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--n-estimators", type=int, default=100)
    parser.add_argument("--learning-rate", type=float, default=0.1)
    parser.add_argument("--train", default=os.environ["SM_CHANNEL_TRAIN"])
    parser.add_argument("--validation", default=os.environ["SM_CHANNEL_VALIDATION"])
    parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
    args = parser.parse_args()

    x, y = split(pd.read_csv(Path(args.train, "train.csv")))
    model = GradientBoostingRegressor(n_estimators=args.n_estimators, learning_rate=args.learning_rate)
    model.fit(x, y)

    x, y = split(pd.read_csv(Path(args.validation, "validation.csv")))
    print(f"validation R2: {model.score(x, y):.3f}")
    Path(args.model_dir, "model.pkl").write_bytes(pickle.dumps(model))
    Path(args.model_dir, "features.json").write_text(json.dumps(list(x.columns)))
