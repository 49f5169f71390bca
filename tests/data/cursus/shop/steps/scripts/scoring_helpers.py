def score(row, model, id_field):
    return {"id": row[id_field], "score": model["mean"]}
