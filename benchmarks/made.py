"""Scripts and pipelines to measure with: made, varied, and the same at every run."""

from __future__ import annotations

import json
import random
from pathlib import Path

# What a small script may hold: imports, and lines of a function that uses them.
PARTS = {
    "import json": ["with open(path) as file:", "    found.append(json.load(file))"],
    "import os": ['found.append(os.environ.get("STAGE", "test"))'],
    "import logging": ['logging.getLogger("step").info("read %s", path)'],
    "import csv": ["with open(path, newline='') as file:", "    found.extend(csv.reader(file))"],
    "import sys": ["print(path, file=sys.stderr)"],
    "import math": ["found.append(math.sqrt(len(path)))"],
    "import re": ['found += re.findall(r"[a-z]+", path)'],
    "import hashlib": ["found.append(hashlib.sha256(path.encode()).hexdigest())"],
    "from pathlib import Path": ['found.extend(Path(path).rglob("*.csv"))'],
    "from collections import Counter": ["found.append(Counter(path).most_common(3))"],
    "from datetime import datetime, timezone": ["found.append(datetime.now(timezone.utc).isoformat())"],
    "from dataclasses import dataclass": ["found.append(Settings(path, len(path)))"],
}
SETTINGS = ["", "", "@dataclass", "class Settings:", "    path: str", "    size: int = 0"]

# What a script with pandas and scikit-learn may hold: an import, and the model that main makes.
MODELS = {
    "from sklearn.linear_model import LogisticRegression": "LogisticRegression(max_iter=500)",
    "from sklearn.linear_model import Ridge": "Ridge(alpha=0.5)",
    "from sklearn.ensemble import RandomForestClassifier": "RandomForestClassifier(n_estimators=50)",
    "from sklearn.ensemble import GradientBoostingRegressor": "GradientBoostingRegressor()",
    "from sklearn.tree import DecisionTreeClassifier": "DecisionTreeClassifier(max_depth=4)",
    "from sklearn.neighbors import KNeighborsClassifier": "KNeighborsClassifier(3)",
    "from sklearn.svm import SVC": "SVC()",
    "from sklearn.cluster import KMeans": "KMeans(4)",
    "from sklearn.decomposition import PCA": "PCA(2)",
}
EXTRAS = [
    "from sklearn.metrics import accuracy_score",
    "from sklearn.metrics import mean_squared_error, r2_score",
    "from sklearn.model_selection import train_test_split",
    "from sklearn.model_selection import GridSearchCV, KFold",
    "from sklearn.preprocessing import OneHotEncoder, StandardScaler",
    "from sklearn.pipeline import Pipeline",
    "from sklearn.impute import SimpleImputer",
    "from sklearn.compose import ColumnTransformer",
    "import numpy as np",
    "import json",
    "import os",
]
# All that those scripts import, for a process that has it loaded.
HEAVY = sorted({line.split()[1] for line in [*MODELS, *EXTRAS] if line.startswith("from")} | {"pandas"})

STEP = """\
import os
import sys


def main(source, target):
    text = open(source).read() if source else ""
    if target:
        with open(target, "w") as file:
            file.write(text + os.path.basename(target) + "\\n")


if __name__ == "__main__":
    main(*(sys.argv[1:] or (None, None)))
"""


def small_scripts(folder: Path, count: int) -> list[Path]:
    """Scripts of 15 to 40 lines that import what small scripts import."""
    dice = random.Random(1)
    return [_write(folder / f"small_{number:04}.py", _small(dice, number)) for number in range(count)]


def _small(dice: random.Random, number: int) -> str:
    imports = dice.sample(sorted(PARTS), dice.randint(2, 6))
    lines = [
        f'"""Step {number}."""',
        "",
        "import argparse",
        *sorted(imports, key=lambda line: line[:4] != "impo"),
    ]
    if "from dataclasses import dataclass" in imports:
        lines += SETTINGS
    lines += ["", "", "def collect(path):", "    found = []"]
    lines += [f"    {line}" for name in imports for line in PARTS[name]]
    lines += ["    return found", "", "", "def main(input_paths, output_paths, environ_vars, job_args):"]
    lines += ["    for path in input_paths.values():", "        print(collect(path))", "", ""]
    lines += ['if __name__ == "__main__":', "    parser = argparse.ArgumentParser()"]
    lines += [f'    parser.add_argument("--option-{one}")' for one in range(dice.randint(1, 6))]
    return "\n".join([*lines, "    main({}, {}, {}, parser.parse_args())", ""])


def heavy_scripts(folder: Path, count: int) -> list[Path]:
    """Scripts that import pandas and varied parts of scikit-learn."""
    dice = random.Random(2)
    return [_write(folder / f"heavy_{number:03}.py", _heavy(dice, number)) for number in range(count)]


def _heavy(dice: random.Random, number: int) -> str:
    chosen = dice.choice(sorted(MODELS))
    imports = sorted([chosen, *dice.sample(EXTRAS, dice.randint(2, 5))])
    lines = [f'"""Model {number}."""', "", "import pandas as pd", *imports, "", ""]
    lines += ["def main(input_paths, output_paths, environ_vars, job_args):"]
    lines += ['    table = pd.read_csv(input_paths["train"])', f"    model = {MODELS[chosen]}"]
    lines += ['    model.fit(table.drop(columns="label"), table["label"])', "    return model", "", ""]
    return "\n".join([*lines, 'if __name__ == "__main__":', "    main({}, {}, {}, None)", ""])


def pipeline(folder: Path, count: int) -> Path:
    """A pipeline of trivial steps: half of them stand alone, half are in chains of ten."""
    _write(folder / "step.py", STEP)
    steps = {}
    for number in range(count):
        step: dict[str, object] = {"script_path": "step.py"}
        chained, place = number % 20 >= 10, number % 10
        if chained:
            source = "{inputs.data}" if place else ""
            step.update(outputs=["out.txt"], args=[source, "{outputs.out.txt}"])
        if chained and place:
            step["inputs"] = {"data": f"step_{number - 1:04}.out.txt"}
        steps[f"step_{number:04}"] = step
    return _write(folder / "pipeline.json", json.dumps({"steps": steps}, indent=1))


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path
