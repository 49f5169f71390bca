#!/bin/sh
# The same seven steps, one interpreter after the other: what pipetest is timed against.
# usage: run.sh FOLDER        (PYTHON names the interpreter; FOLDER is made if it is missing)
set -eu
python=${PYTHON:-python}
here=$(cd "$(dirname "$0")" && pwd)
scripts=$here/scripts
mkdir -p "$1"
out=$(cd "$1" && pwd)
mkdir -p "$out/prepared" "$out/logistic" "$out/forest"

"$python" "$scripts/extract.py" --cultivars "$here/data/cultivars.csv" --out "$out/wine.csv"
LABEL_FIELD=cultivar "$python" "$scripts/prepare.py" --wine "$out/wine.csv" --prepared "$out/prepared"
"$python" "$scripts/split.py" "$out/prepared" "$out/train.csv" "$out/test.csv"
CV_FOLDS=5 "$python" "$scripts/train_logistic.py" --train "$out/train.csv" --model "$out/logistic"
"$python" "$scripts/train_forest.py" --train "$out/train.csv" --model "$out/forest" --trees 100 --seed 7
"$python" "$scripts/evaluate.py" --test "$out/test.csv" --logistic "$out/logistic" --forest "$out/forest" \
    --metrics "$out/metrics.json" --errors "$out/errors.csv"
"$python" "$scripts/report.py" --metrics="$out/metrics.json" --errors="$out/errors.csv" \
    --summary="$out/prepared/summary.json" --out="$out/model_card.md"
