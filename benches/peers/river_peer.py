"""Test-then-train of one River model over a CSV file that is parsed beforehand, timed by the CPU time of this thread. One JSON line.

    python river_peer.py FILE.csv.gz ROWS classes|values SEED MODEL
"""

import csv
import gzip
import itertools
import json
import sys
import time

from river import compose, drift, ensemble, forest, linear_model, multiclass, naive_bayes, neighbors, preprocessing, rules, tree


def scaled(model, rows):
    """Numbers scaled, texts one-hot encoded, as `driftline evaluate` does before a linear model."""
    scaler = preprocessing.StandardScaler()
    if all(isinstance(value, float) for value in rows[0].values()):
        return scaler | model
    return (compose.SelectType(float) | scaler) + (compose.SelectType(str) | preprocessing.OneHotEncoder()) | model


def nearest(kind):
    return kind(n_neighbors=10, engine=neighbors.LazySearch(window_size=1_000))


CLASSIFIERS = {
    "logistic_regression": lambda seed: linear_model.LogisticRegression(),
    "softmax_regression": lambda seed: linear_model.SoftmaxRegression(),
    "naive_bayes": lambda seed: naive_bayes.GaussianNB(),
    "knn": lambda seed: nearest(neighbors.KNNClassifier),
    "hoeffding_tree": lambda seed: tree.HoeffdingTreeClassifier(),
    "hoeffding_adaptive_tree": lambda seed: tree.HoeffdingAdaptiveTreeClassifier(seed=seed),
    "efdt": lambda seed: tree.ExtremelyFastDecisionTreeClassifier(),
    "adaptive_random_forest": lambda seed: forest.ARFClassifier(n_models=10, seed=seed),
    "streaming_random_patches": lambda seed: ensemble.SRPClassifier(n_models=10, seed=seed),
    "leveraging_bagging": lambda seed: ensemble.LeveragingBaggingClassifier(
        tree.HoeffdingTreeClassifier(), n_models=10, seed=seed
    ),
    "aggregated_mondrian_forest": lambda seed: forest.AMFClassifier(n_estimators=10, seed=seed),
}

REGRESSORS = {
    "linear_regression": lambda seed: linear_model.LinearRegression(),
    "knn": lambda seed: nearest(neighbors.KNNRegressor),
    "hoeffding_tree_regressor": lambda seed: tree.HoeffdingTreeRegressor(),
    "hoeffding_adaptive_tree_regressor": lambda seed: tree.HoeffdingAdaptiveTreeRegressor(seed=seed),
    "amrules": lambda seed: rules.AMRules(drift_detector=drift.ADWIN()),
    "adaptive_random_forest": lambda seed: forest.ARFRegressor(n_models=10, seed=seed),
    "aggregated_mondrian_forest": lambda seed: forest.AMFRegressor(n_estimators=10, seed=seed),
}

LINEAR = ("logistic_regression", "softmax_regression", "linear_regression")


def read(path, limit, classes):
    """Rows as dictionaries, and their labels. A column is numeric where every cell is a number or empty; empty is left out."""
    with gzip.open(path, "rt", newline="") as file:
        lines = csv.reader(file)
        *names, _ = next(lines)
        cells = list(itertools.islice(lines, limit))
    kinds = [float if all(is_number(row[i]) for row in cells) else str for i in range(len(names))]
    rows = [{name: kind(cell) for name, kind, cell in zip(names, kinds, row) if cell} for row in cells]
    return rows, [row[-1] if classes else float(row[-1]) for row in cells]


def is_number(cell):
    try:
        return not cell or float(cell) is not None
    except ValueError:
        return False


def main(path, limit, task, seed, name):
    classes = task == "classes"
    rows, labels = read(path, int(limit), classes)
    model = (CLASSIFIERS if classes else REGRESSORS)[name](int(seed))
    # It knows two classes, True and False.
    binary = name == "logistic_regression" and len(set(labels)) <= 2
    if name == "logistic_regression" and not binary:
        model = multiclass.OneVsRestClassifier(model)
    if name in LINEAR:
        model = scaled(model, rows)
    if binary:
        positive = max(labels)
        labels = [label == positive for label in labels]
    score = 0.0
    start = time.thread_time()
    for row, label in zip(rows, labels):
        predicted = model.predict_one(row)
        score += predicted == label if classes else abs((predicted or 0.0) - label)
        model.learn_one(row, label)
    seconds = time.thread_time() - start
    passed = {"score": score / len(rows), "events_per_second": len(rows) / seconds}
    print(json.dumps({"rows": len(rows), "passes": [passed]}))


main(*sys.argv[1:])
