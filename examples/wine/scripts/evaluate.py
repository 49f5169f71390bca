"""Judge every model on the wines that none of them has seen."""

import argparse
import json
import os

import pandas as pd
from modelling import load_model, read_split
from sklearn.metrics import accuracy_score, f1_score, log_loss


def judge(model, features, labels):
    predicted = model.predict(features)
    return predicted, {
        "accuracy": round(accuracy_score(labels, predicted), 4),
        "macro_f1": round(f1_score(labels, predicted, average="macro"), 4),
        "log_loss": round(log_loss(labels, model.predict_proba(features), labels=model.classes_), 4),
    }


def main(input_paths, output_paths, environ_vars, job_args, logger=None):
    log = logger or print
    features, labels = read_split(input_paths["test"])

    metrics, tables = {}, []
    for name, folder in sorted(input_paths.items()):
        if name == "test":
            continue
        model, facts = load_model(folder)
        predicted, scores = judge(model, features, labels)
        metrics[name] = {**facts, **scores, "tested_on": len(labels)}
        tables.append(pd.DataFrame({"model": name, "actual": labels, "predicted": predicted}))
        log(f"{name}: accuracy {scores['accuracy']:.3f}, log loss {scores['log_loss']:.3f}")

    with open(output_paths["metrics.json"], "w") as file:
        json.dump(metrics, file, indent=2)
    judged = pd.concat(tables)
    judged[judged["actual"] != judged["predicted"]].to_csv(output_paths["errors.csv"], index_label="wine")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("test", "logistic", "forest", "metrics", "errors"):
        parser.add_argument(f"--{name}", required=True)
    args = parser.parse_args()
    inputs = {"test": args.test, "logistic": args.logistic, "forest": args.forest}
    main(inputs, {"metrics.json": args.metrics, "errors.csv": args.errors}, dict(os.environ), args)
