"""Runs models of driftline, MOA and River over the same rows, one process after the other on one core, and prints a Markdown table.

Called by `run`, which installs the peers; `run --help` has the options.
"""

import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent

# Our model, MOA's learner with the defaults of its tasks (ensembles: 10 members).
CLASSIFIERS = {
    "portfolio": None,
    "logistic_regression": None,
    "softmax_regression": None,
    "naive_bayes": "bayes.NaiveBayes",
    "knn": "lazy.kNN",
    "hoeffding_tree": "trees.HoeffdingTree",
    "hoeffding_adaptive_tree": "trees.HoeffdingAdaptiveTree",
    "efdt": "trees.EFDT",
    "adaptive_random_forest": "meta.AdaptiveRandomForest -s 10",
    "streaming_random_patches": "meta.StreamingRandomPatches -s 10",
    "leveraging_bagging": "meta.LeveragingBag -s 10",
    "aggregated_mondrian_forest": None,
}
REGRESSORS = {
    "portfolio": None,
    "linear_regression": None,
    "knn": "lazy.kNN",
    "hoeffding_tree_regressor": "trees.FIMTDD",
    "amrules": "rules.AMRulesRegressor",
    "adaptive_random_forest": "meta.AdaptiveRandomForestRegressor -s 10",
    "aggregated_mondrian_forest": None,
}
# Models that draw random numbers: only they are run with more than one seed.
RANDOM = {name for name in (*CLASSIFIERS, *REGRESSORS) if "forest" in name or "random" in name or "bagging" in name}
# What River takes minutes for; it gets `--river-rows` rows of the stream.
SLOW_IN_RIVER = RANDOM | {"knn", "efdt"}
# Runs that take fewer seconds of CPU are made so many times; the median counts.
SHORT, REPEATS = 2.0, 7


class Result:
    """Runs of one implementation: the score and the rate of each, and on how many rows."""

    def __init__(self, rows, scores, rates, warm=None, baseline=None):
        self.rows, self.scores, self.warm, self.baseline = rows, scores, warm, baseline
        self.rate = statistics.median(rates)

    def score(self, rows):
        mean = statistics.fmean(self.scores)
        spread = f" ±{statistics.stdev(self.scores):.4f}" if len(self.scores) > 1 else ""
        fewer = "" if self.rows == rows else f" ({self.rows:,} rows)"
        return f"{mean:.4f}{spread}{fewer}"


class Comparison:
    def __init__(self, options):
        self.options = options
        self.overheads = {}
        self.core = ["taskset", "-c", str(options.core)] if options.core is not None else []

    def call(self, command):
        """The JSON document that a command prints, or None where it fails."""
        done = subprocess.run(self.core + [str(word) for word in command], capture_output=True, text=True)
        if done.returncode != 0:
            print(f"{command[0]}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
            return None
        return json.loads(done.stdout[done.stdout.index("{"):])

    def evaluate(self, path, model, seed):
        """The report of one evaluation, and the CPU time of its process, user and system."""
        command = [self.options.driftline, "evaluate", path, "--model", model, "--seed", seed, "--json"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        report = self.call(command + ["--limit", self.options.limit])
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return report, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def overhead(self, path):
        """CPU time of everything but the model: parsing, metrics, start."""
        if path not in self.overheads:
            self.overheads[path] = statistics.median(self.evaluate(path, "no_change", 1)[1] for _ in range(REPEATS))
        return self.overheads[path]

    def ours(self, path, model, seeds):
        runs = [self.evaluate(path, model, seed) for seed in seeds]
        if any(report is None for report, _ in runs):
            return None
        if max(seconds for _, seconds in runs) < SHORT:
            runs += [self.evaluate(path, model, seed) for seed in seeds for _ in range(REPEATS - 1)]
        reports = [report for report, _ in runs]
        rows = reports[0]["data"]["labelled"]
        metric = "mae" if reports[0]["data"]["task"] == "regression" else "accuracy"
        return Result(
            rows,
            [report["metrics"][metric] for report in reports[: len(seeds)]],
            [rows / max(seconds - self.overhead(path), 1e-3) for _, seconds in runs],
            baseline=reports[0]["baselines"]["no_change"][metric],
        )

    def moa(self, path, learner, task, seeds):
        jars = f"{self.options.cache}/jars/*"
        command = ["java", "-cp", jars, HERE / "Moa.java", path, self.options.limit, task]
        return self.peer([command + [seed, 2 if self.options.warm else 1, learner] for seed in seeds])

    def river(self, path, model, task, seeds):
        rows = min(self.options.limit, self.options.river_rows) if model in SLOW_IN_RIVER else self.options.limit
        command = [f"{self.options.cache}/venv/bin/python", HERE / "river_peer.py", path, rows, task]
        return self.peer([command + [seed, model] for seed in seeds])

    def peer(self, commands):
        found = [self.call(command) for command in commands]
        if None in found:
            return None
        first = [run["passes"][0] for run in found]
        warm = statistics.median(run["passes"][1]["events_per_second"] for run in found) if len(found[0]["passes"]) > 1 else None
        rates = [run["events_per_second"] for run in first]
        return Result(found[0]["rows"], [run["score"] for run in first], rates, warm=warm)

    def row(self, path, task, model, learner):
        seeds = range(1, self.options.seeds + 1) if model in RANDOM else [1]
        peers = self.options.peers
        ours = self.ours(path, model, seeds)
        moa = self.moa(path, learner, task, seeds) if learner and "moa" in peers else None
        river = self.river(path, model, task, [1]) if "river" in peers and model != "portfolio" else None
        rows = max(result.rows for result in (ours, moa, river) if result) if ours or moa or river else 0
        cells = [model, rate(ours)]
        cells += [rate(moa), times(ours, moa)] + ([whole(moa and moa.warm)] if self.options.warm else [])
        cells += [rate(river), times(ours, river)]
        cells += [result.score(rows) if result else "" for result in (ours, moa, river)]
        cells.append(f"{ours.baseline:.4f}" if ours else "")
        return cells


def whole(number):
    return f"{number:,.0f}" if number else ""


def rate(result):
    return whole(result and result.rate)


def times(ours, peer):
    return f"{ours.rate / peer.rate:.1f}" if ours and peer else ""


def show(cells):
    print("| " + " | ".join(cells) + " |", flush=True)


def compare(comparison, name):
    options = comparison.options
    path = pathlib.Path(options.data) / f"{name}.csv.gz"
    regression = json.loads((pathlib.Path(options.data) / "datasets.json").read_text())
    task = next((entry["task"] for entry in regression if entry["name"] == name), "binary")
    task, models = ("values", REGRESSORS) if task == "regression" else ("classes", CLASSIFIERS)
    score = "MAE" if task == "values" else "accuracy"
    print(f"\n## {name}\n", flush=True)
    head = ["model", "ours ev/s", "MOA ev/s", "× MOA"] + (["MOA ev/s, warm"] if options.warm else [])
    head += ["River ev/s", "× River", f"our {score}", "MOA's", "River's", "no-change"]
    show(head)
    show(["---"] * len(head))
    for model, learner in models.items():
        if not options.models or model in options.models:
            show(comparison.row(path, task, model, learner))


def main():
    parser = argparse.ArgumentParser(prog="benches/peers/run", description=__doc__.splitlines()[0])
    parser.add_argument("datasets", nargs="*", default=["elec"], help="names in DRIFTLINE_DATA; elec without any")
    parser.add_argument("--models", type=lambda names: names.split(","), help="of our names, separated by commas; all without")
    parser.add_argument("--peers", type=lambda names: names.split(","), default=["moa", "river"], help="moa, river or moa,river")
    parser.add_argument("--limit", type=int, default=10_000_000, help="the most rows")
    parser.add_argument("--river-rows", type=int, default=10_000, help="rows for what is slow in River")
    parser.add_argument("--quick", action="store_true", help="5,000 rows, 2,000 of them for what is slow in River")
    parser.add_argument("--seeds", type=int, default=1, help="runs of models that draw random numbers; River always has one")
    parser.add_argument("--warm", action="store_true", help="a second pass of MOA, by a new learner in a JVM that has compiled the first")
    parser.add_argument("--core", type=int, default=0 if hasattr(os, "sched_setaffinity") else None, help="the one that all run on")
    options = parser.parse_args()
    if options.quick:
        options.limit, options.river_rows = 5_000, 2_000
    for name in ("driftline", "cache", "data"):
        setattr(options, name, os.environ[f"PEERS_{name.upper()}"])
    for name in options.datasets:
        compare(Comparison(options), name)


main()
