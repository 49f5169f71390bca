"""The step that writes the data: each file into the output of its name.

Arguments: where one of the outputs lies, and what else to write.
"""

import json
import pickle
import sys
from pathlib import Path

ROWS = "".join(f"{i},{i * 1.5},{'ab'[i % 2]},2024-01-0{i % 9 + 1}\n" for i in range(1, 21))
FILES = {
    "clean.csv": "id,amt,kind,day\n" + ROWS,
    "other.csv": "id,region\n" + "".join(f"{i},r{i % 3}\n" for i in range(1, 16)),
    "headless.csv": ROWS,
    "gaps.csv": "id,amount\n1,2\n2,\n3,5\n",
    "dirty.csv": "id,amount\n1,2\n2,n.b.\n3,5\n",
    "dirty_low.csv": "low,high\n1,2\nn.b.,3\n",
    "alike.csv": "low_price,high_price\n1,2\n3,4\n",
    "short.csv": "a,b\n1,2\n3\n",
    "narrow.tsv": "1\t2\n3\t4\n",
    "worded.tsv": "1\tx\tu\n3\ty\tv\n",
    "headed.tsv": "id\tamt\tkind\n1\t2\ta\n",
    "odd_train.csv": "a,b,c\nx,1,2\ny,3,4\n",
    "odd_test.csv": "a,b,c\nx,1 cm,2\ny,3 cm,4\n",
    "listed.json": '[{"rows": 1, "auc": 0.9}]',
    "changed.json": '{"new_rows": 1, "auc": 0.9}',
    "single.csv": "a,b\n1,2\n",
    "objects.csv": '[{"id": 1, "amt": 2}]',
    "void.csv": "",
    "norows.csv": "id,amt,kind\n",
    "ragged.csv": "id,amt\n1,2\n2,3,4,5\n3,4\n",
    "indexed.csv": ",id,amt\n0,1,2\n1,2,3\n",
    "tricky.csv": "Amount, price,unit_cost\n1,2,3\n",
    "marked.csv": "\ufeffid,amt\n1,2\n",
    "semicolons.csv": "id;amt;kind\n1;2;a\n2;3;b\n",
    "fake.parquet": "id,amt\n1,2\n",
    "metrics.json": json.dumps({"roc_auc": 0.9, "rows": 20}),
    "nested.json": json.dumps({"scores": {"auc": 0.9}}),
    "lines.json": '{"id": 1}\n{"id": 2}\n',
    "broken.json": '{"id": oops}',
    "nothing.json": "",
    "plain.csv.gz": "id,amt\n1,2\n",
    "text.pkl": "no pickle\n",
    "archive.zip": "no archive\n",
    "features.csv": "a,b,d\n1,2,x\n2,3,y\n4,4,x\n",
    "renamed.csv": "a,b,C\n1,2,3\n2,3,4\n",
    "holes.csv": "a,b,c\n1,2,3\n2,,3\n3,1,2\n",
    "more.csv": "Unnamed: 0,a,b,c\n0,1,2,3\n1,2,3,4\n",
    "swapped.csv": "b,a,c\n1,2,3\n2,3,4\n",
    "zero.csv": "a,b,c\n",
    "oneclass.csv": "a,b,y\n1,2,1\n3,4,1\n5,6,1\n",
    "labels.csv": "y\n0\n1\n",
    "kinds.csv": "kind\na\nzz\n",
}
BYTES = {
    "half.pkl": pickle.dumps(list(range(1_000)))[:500],
    "latin.csv": "id,name\n1,José\n".encode("latin-1"),
    "binary.csv": b"PAR1" + b"\x00\xff\xfe\x00" * 40 + b"PAR1",
}
FIT = {"a": [1.0, 2, 3, 4], "b": [2.0, 3, 5, 6], "c": [1.0, 0, 1, 5]}


class Ratio:
    """What only this script has."""


def place(name: str) -> Path:
    path = Path(sys.argv[1]).parent / name.split(".")[0] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def texts() -> None:
    for name, data in BYTES.items() | {name: text.encode() for name, text in FILES.items()}.items():
        place(name).write_bytes(data)
    for name in ("void.csv", "nothing.json"):
        place(name).with_name("notes.txt").write_text("beside a file without content\n")


def tables() -> None:
    import pandas as pd

    pd.DataFrame({"id": [1, 2], "amt": [1.0, 2.0], "kind": ["a", "b"]}).to_parquet(place("real.parquet"))
    for shard, values in (("a", [1.0, 2.0]), ("b", ["1", "x"])):
        pd.DataFrame({"id": [1, 2], "amt": values}).to_parquet(place("two").with_name(f"{shard}.parquet"))


def sklearn() -> None:
    import pandas as pd
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import OneHotEncoder

    model = LogisticRegression().fit(pd.DataFrame(FIT), [0, 1, 0, 1])
    encoder = OneHotEncoder().fit(pd.DataFrame({"kind": ["a", "b"]}))
    for name, fitted in {"model.pkl": model, "encoder.pkl": encoder, "ratio.pkl": Ratio()}.items():
        place(name).write_bytes(pickle.dumps(fitted))


def xgboost() -> None:
    import pandas as pd
    import xgboost

    model = xgboost.XGBClassifier(n_estimators=2).fit(pd.DataFrame(FIT), [0, 1, 0, 1])
    place("model.pkl").write_bytes(pickle.dumps(model))


texts()
for more in sys.argv[2:]:
    {"tables": tables, "sklearn": sklearn, "xgboost": xgboost}[more]()
