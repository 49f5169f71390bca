"""What is predicted from what. Lies beside the training script, and is shipped with it."""

import pandas as pd

LABEL = "rings"


def split(data: pd.DataFrame) -> tuple[pd.DataFrame, pd.Series]:
    """Features and label."""
    return data.drop(columns=LABEL), data[LABEL]
