"""Training from the first draw to the model's folder; the same arguments give the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import sklearn
from numpy.typing import NDArray

from satverify.domain.looks import USABLE
from satverify.domain.ports import Progress
from satverify.errors import InputError
from satverify.inference.classifier.card import card_text
from satverify.inference.classifier.fitting import FOLDS, LEARNING, LEAST_SITES, fit_heat_model, site_folds
from satverify.inference.classifier.model import ABSTAIN, STRONGEST
from satverify.inference.classifier.packing import interface_of, pack
from satverify.pipeline.files import require_writable
from satverify.pipeline.run import Workers
from satverify.pipeline.training.scoring import LEAST_SITES as LEAST_SCORED
from satverify.pipeline.training.scoring import cold_sites, scored_groups
from satverify.pipeline.training.season import COLD_EVERY, LENGTH, NIGHTS
from satverify.pipeline.training.table import SETTLED, training_looks
from satverify.registry.models import write_model

TIMEZONE = "Asia/Shanghai"
SITES = 112
"""A whole training with so many took 10 min 25 s on two cores that tests shared; more would take longer than that."""
SEED = 11
PARTS = 4
"""One of so many parts of the sites is for the test."""

PURPOSE = (
    "Says of one look at one unit how probable it is if the unit runs, runs reduced or is halted, from what "
    "Sentinel-2 and Landsat by day and Sentinel-3 by night show of its heat."
)
WHAT = (
    "Looks are simulated: made-up works of the 2+26 region under a made-up sky, seen from the real satellites' "
    "orbits in their bands (`satverify.simulate`), and measured by the code that measures archived scenes. A "
    "third of the works change machine by machine, the others under orders on the whole site of which half are "
    f"ignored; one site in {COLD_EVERY} is an enterprise without heat. A season is {LENGTH.days} days, and "
    f"{NIGHTS.days} nights."
)
SCORING = (
    "Clear looks, with 95 % intervals from redrawing sites. Balanced accuracy is the mean of the shares of "
    "working and of halted looks that are told right, among those that did not abstain; a look abstains where it "
    f'favours neither by {np.exp(ABSTAIN):.0f} to 1. "Settled" is the same of units that had worked, or stood, '
    f"for {SETTLED // np.timedelta64(1, 'h')} hours. ECE weighs both states alike. Running reduced counts as "
    "working. User's accuracy is the share of hot looks at working units, producer's the share of looks at "
    "working units that are hot, false hits the share of looks at halted units that are hot: slag and banked "
    "furnaces stay hot after the stop. Rows by local day add up the looks of all sensors at a unit on one day. "
    f"Kinds at fewer than {LEAST_SCORED} test sites are not scored."
)
NEVER_SHOWN = (
    "A real look with a known state: nobody publishes any. The simulator's own limits are in the docstrings of "
    "`satverify/simulate`.",
    "Works outside of 34-41° N and 113-120° E; relief; midsummer and spring but at a third of the sites.",
    "Sensors other than Sentinel-2 L1C, Landsat 8 and 9 Level 1 and Sentinel-3 SLSTR by night.",
    "Units with a wrong or a guessed footprint: all of its footprints are surveyed.",
    "Fires, blasting, scrap yards and other heat of people beside the works, but for neighbours' units.",
    "Units of kinds that never stop, such as coke ovens: it says nothing of them.",
    "Identity, place, date and past of a unit: it cannot tell what is usual there.",
)


def train(
    out: Path, *, sites: int = SITES, seed: int = SEED, workers: Workers | None = None, progress: Progress
) -> dict[str, Any]:
    """Simulate, learn, score and write a model.

    Parameters
    ----------
    out
        Folder of the model, whose name becomes the model's.
    sites
        How many are simulated; fewer than about 50 leave most kinds of unit to their sensor's pool.
    seed
        Of everything.
    workers
        Where sites are simulated; it makes no difference to the model.
    progress
        Told how far the work is.

    Returns
    -------
    The card, as it was written but for the hash of the weights.

    Raises
    ------
    InputError
        Too few sites, or the folder cannot be written to.
    ModelError
        A site could not be simulated, or nothing could be learned.
    """
    least = PARTS * LEAST_SITES // (PARTS - 1) + 2
    if sites < least:
        raise InputError(f"training: expected {least} sites or more, found {sites}")
    require_writable(out)
    looks = training_looks(sites, seed, workers or Workers(), progress)
    progress.start("learning and scoring", 1)
    card = train_on(looks, out, seed=seed)
    progress.advance(out.name)
    return card


def train_on(looks: pd.DataFrame, out: Path, *, seed: int) -> dict[str, Any]:
    """Learn from looks with known states, score and write: all of ``train`` but the simulation.

    Parameters
    ----------
    looks
        ``TRAINING_COLUMNS``, in the order of ``training_looks``.
    out, seed
        As of ``train``.
    """
    is_test = _is_test(looks, seed)
    learned, unseen = looks[~is_test].reset_index(drop=True), looks[is_test].reset_index(drop=True)
    model = fit_heat_model(learned, out.name, seed).model
    card = {
        **interface_of(model),
        "purpose": PURPOSE,
        "seed": seed,
        "made_with": {"numpy": np.__version__, "pandas": pd.__version__, "scikit-learn": sklearn.__version__},
        "learning": dict(LEARNING),
        "abstains_below": round(ABSTAIN, 6),
        "strongest": round(STRONGEST, 6),
        "data": _data(looks),
        "splits": _splits(learned, unseen),
        "scoring": SCORING,
        "scores": scored_groups(model, learned, unseen, TIMEZONE, seed),
        "cold_sites": cold_sites(unseen, seed),
        "never_shown": list(NEVER_SHOWN),
    }
    write_model(out, pack(model), card, card_text(card))
    return card


def _is_test(looks: pd.DataFrame, seed: int) -> NDArray[np.bool_]:
    """Looks of the sites for the test: a part of those with heat, and a part of those without."""
    is_cold = (looks.groupby("site_id")["level"].transform("max") == 0).to_numpy()
    part = np.zeros(len(looks), dtype=np.intp)
    for kind in (is_cold, ~is_cold):
        part[kind] = site_folds(looks.loc[kind, "site_id"], PARTS, seed)
    return np.asarray(part == 0)


def _data(looks: pd.DataFrame) -> dict[str, Any]:
    """What was learned from and tested on, in numbers."""
    usable = looks[looks["quality"].isin([str(quality) for quality in USABLE])]
    counts = usable.groupby(["sensor", "kind", "state"]).size()
    return {
        "what": WHAT,
        "sites": int(looks["site_id"].nunique()),
        "looks": len(looks),
        "usable_looks": len(usable),
        "first_day": str(looks["time"].min().date()),
        "last_day": str(looks["time"].max().date()),
        "usable_by_sensor_kind_and_state": {
            " ".join(map(str, key)): int(count) for key, count in counts.items() if isinstance(key, tuple)
        },
    }


def _splits(learned: pd.DataFrame, unseen: pd.DataFrame) -> dict[str, Any]:
    return {
        "folds": FOLDS,
        "develop": sorted(set(learned["site_id"])),
        "test": sorted(set(unseen["site_id"])),
    }
