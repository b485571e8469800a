"""Our candidates beside plain logistic, boosting, XGBoost and LightGBM: `python -m tests.bench.models`.

Same quarters, same deals, same features, out of time. XGBoost and LightGBM are no dependencies: where
they are not installed a line says so. `--frame FILE --day ORDINAL`: on any pickled landmarks frame.
"""

import argparse
import importlib.util
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from rich.console import Console
from rich.table import Table

from analytics import drivers, landmarks
from analytics.drivers import features, fit, measures, rolling
from analytics.drivers.threads import single_thread
from analytics.drivers.window import Window, horizon, snapshots
from analytics.engine import Engine
from data import load, sample, tables
from tests.landmarks_at_random import FIRST_DAY, frame

AS_OF = date(2024, 6, 28)
NUMBERS = [name for name in features.NUMBERS if name != "amount_vs_usual"]
TEXTS = list(features.TEXTS)
OTHERS = {"xgboost": "XGBoost", "lightgbm": "LightGBM"}


def sampled(deals: int, seed: int = 7) -> pd.DataFrame:
    """The landmarks of the sample CRM."""
    with TemporaryDirectory() as folder:
        home = Path(folder)
        sample.write(home / "files", as_of=AS_OF, deals=deals, seed=seed)
        load.load(sorted((home / "files").glob("*.csv")), home, loaded_on=AS_OF)
        with Engine(tables.current(home), AS_OF, spill=home, memory="2GB") as engine:
            return landmarks.training(engine)


def plain(known: Window, unseen: Window) -> np.ndarray:
    """Logistic on scaled numbers and one-hot categories."""
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers = [name for name in NUMBERS if not np.isnan(known.table[name]).all()]
    scaled = make_pipeline(SimpleImputer(add_indicator=True), StandardScaler())
    columns = make_column_transformer((scaled, numbers), (OneHotEncoder(handle_unknown="ignore"), TEXTS))
    model = make_pipeline(columns, LogisticRegression(max_iter=1000))
    model.fit(told(known), known.y, logisticregression__sample_weight=known.weight)
    return model.predict_proba(told(unseen))[:, 1]


def told(window: Window) -> pd.DataFrame:
    """The features of a window as the frame told them."""
    texts = {name: np.array(window.table[name].names)[window.table[name].codes] for name in TEXTS}
    return pd.DataFrame({name: window.table[name] for name in NUMBERS} | texts)


def coded(known: Window, unseen: Window) -> tuple[np.ndarray, np.ndarray]:
    """Numbers as they are, categories as codes (unseen ones missing)."""
    found = []
    for window in (known, unseen):
        codes = [window.table[n].places(known.table[n].distinct()) for n in TEXTS]
        texts = [np.where(code < 0, np.nan, code) for code in codes]
        found.append(np.column_stack([*(window.table[n] for n in NUMBERS), *texts]))
    return found[0], found[1]


def trees(known: Window, unseen: Window) -> np.ndarray:
    """HistGradientBoosting as it comes, categories native."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    before, after = coded(known, unseen)
    kinds = [False] * len(NUMBERS) + [True] * len(TEXTS)
    model = HistGradientBoostingClassifier(categorical_features=kinds, random_state=0)
    return model.fit(before, known.y, known.weight).predict_proba(after)[:, 1]


def xgboost(known: Window, unseen: Window) -> np.ndarray:
    """XGBoost as it comes, but for a slower rate."""
    from xgboost import XGBClassifier

    before, after = coded(known, unseen)
    model = XGBClassifier(n_estimators=150, learning_rate=0.06, max_depth=4, n_jobs=1, random_state=0)
    return model.fit(before, known.y, sample_weight=known.weight).predict_proba(after)[:, 1]


def lightgbm(known: Window, unseen: Window) -> np.ndarray:
    """LightGBM as it comes, but for a slower rate."""
    from lightgbm import LGBMClassifier

    before, after = coded(known, unseen)
    model = LGBMClassifier(
        n_estimators=150, learning_rate=0.06, num_leaves=15, n_jobs=1, random_state=0, verbose=-1
    )
    return model.fit(before, known.y, sample_weight=known.weight).predict_proba(after)[:, 1]


def contenders() -> dict[str, Callable[[Window, Window], np.ndarray]]:
    """Everything installed that ours is measured against."""
    found = {"plain logistic": plain, "HistGradientBoosting": trees}
    for module, make in (("xgboost", xgboost), ("lightgbm", lightgbm)):
        if importlib.util.find_spec(module):
            found[OTHERS[module]] = make
        else:
            print(f"{OTHERS[module]} is not installed: left out.")
    return found


def compare(rows: pd.DataFrame, as_of_day: int) -> Table:
    """The out-of-time table of everyone, on the same quarters and deals."""
    seen = snapshots(rows)
    within = horizon(seen)
    with single_thread():
        found = rolling.origins(rolling.sampled(seen), as_of_day, within)
        tried = rolling.trial(found, fit.CANDIDATES)
        said = dict(tried.chances)
        for name, make in contenders().items():
            said[name] = np.concatenate([make(one.known, one.unseen) for one in found])
    drawn = Table("model", "log loss", "Brier", "AUC", "ECE", title=_title(tried))
    for name, chance in said.items():
        given = (tried.y, chance, tried.weight)
        figures = (
            measures.log_loss(*given),
            measures.brier(*given),
            measures.auc(*given),
            measures.ece(*given),
        )
        drawn.add_row(name, *(f"{figure:.4f}" for figure in figures if figure is not None))
    return drawn


def _title(tried: rolling.Trial) -> str:
    floor = measures.ece_floor(tried.deals)
    return (
        f"{tried.deals:,} unseen deals, {len(tried.y):,} snapshots; a perfect model's ECE about {floor:.4f}"
    )


def seconds(deals: int = 100_000) -> Table:
    """How long training and scoring take, wall and processor."""
    drawn = Table("what", "wall s", "CPU s", "aim")
    rows, _ = frame(deals, reps=120, pair=0.4)
    trained, spent = timed(lambda: drivers.train(rows, FIRST_DAY + 800))
    drawn.add_row(f"train on {deals:,} deals ({len(rows):,} snapshots), evaluation included", *spent, "< 60")
    for count, aim in ((100_000, "< 5"), (1, "< 0.005")):
        few = rows.head(count)
        trained.model.reasons(few)
        _, spent = timed(lambda few=few: trained.model.reasons(few))
        drawn.add_row(f"score {count:,} with reasons ({trained.card['chosen']})", *spent, aim)
    return drawn


def timed(work: Callable[[], object]) -> tuple[object, tuple[str, str]]:
    """What it gives, and its wall and processor seconds."""
    wall, own = time.perf_counter(), time.process_time()
    result = work()
    return result, (f"{time.perf_counter() - wall:.4f}", f"{time.process_time() - own:.4f}")


def silent_share(copies: int = 200, deals: int = 1000) -> str:
    """On outcomes that nothing explains: how often the gate opens, and the mean AUC out of time."""
    opened, found = 0, []
    for seed in range(copies):
        rows, _ = frame(deals, signal=0, seed=seed)
        card = drivers.train(rows, FIRST_DAY + 800, candidates=("additive",)).card
        opened += card["speaks"]
        found += [row["auc"] for row in card["tried"] if row["chosen"]]
    return f"{opened} of {copies} gates open (aim: 5 %); mean AUC {np.mean(found):.3f} (aim: up to 0.53)"


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--frame", type=Path)
    asked.add_argument("--day", type=int)
    asked.add_argument("--null", type=int, default=0, help="copies without signal")
    asked.add_argument("--times", action="store_true")
    given = asked.parse_args()
    show = Console(width=120)
    rows = pd.read_pickle(given.frame) if given.frame else sampled(5000)
    show.print(compare(rows, given.day or AS_OF.toordinal()))
    if given.times:
        show.print(seconds())
    if given.null:
        show.print(silent_share(given.null))


if __name__ == "__main__":
    main()
