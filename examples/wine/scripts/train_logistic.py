"""Train a logistic regression, its regularisation chosen by cross-validation."""

import argparse
import os

from modelling import log_skewed, read_split, save_model
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler


def main(input_paths, output_paths, environ_vars, job_args, logger=None):
    log = logger or print
    folds = int(environ_vars.get("CV_FOLDS", "3"))
    features, labels = read_split(input_paths["train"])

    pipeline = Pipeline(
        [
            ("log", FunctionTransformer(log_skewed)),
            ("scale", StandardScaler()),
            ("classify", LogisticRegression(max_iter=1000)),
        ]
    )
    search = GridSearchCV(
        pipeline,
        {"classify__C": [0.1, 1.0, 10.0]},
        cv=folds,
        scoring=["accuracy", "neg_log_loss"],
        refit="neg_log_loss",
    )
    search.fit(features, labels)

    accuracy = search.cv_results_["mean_test_accuracy"][search.best_index_]
    log(f"C={search.best_params_['classify__C']}: cross-validated accuracy {accuracy:.3f}")
    save_model(
        search.best_estimator_,
        output_paths["model"],
        kind="logistic regression",
        validation_accuracy=round(accuracy, 4),
        parameters=search.best_params_,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", required=True, help="CSV to train on")
    parser.add_argument("--model", required=True, help="folder to write")
    args = parser.parse_args()
    main({"train": args.train}, {"model": args.model}, dict(os.environ), args)
