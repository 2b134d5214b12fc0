"""Keeps what was measured of a size, so that sizes can be run one at a time."""

import dataclasses
import json
import pathlib

from .lives import Trial
from .report import Judgement

TRIALS = ("control", "naive", "emulated", "plain", "again")


def load(folder: pathlib.Path | None, megabytes: int) -> Judgement | None:
    """The saved figures of a size, None if there are none."""
    file = _file(folder, megabytes)
    if file is None or not file.exists():
        return None
    trials = {name: trial and Trial(**trial) for name, trial in json.loads(file.read_text()).items()}
    return Judgement(megabytes, **trials)


def save(folder: pathlib.Path | None, judgement: Judgement) -> None:
    """Writes what was measured of a size into the folder."""
    file = _file(folder, judgement.megabytes)
    if file is None:
        return
    folder.mkdir(parents=True, exist_ok=True)
    trials = {name: getattr(judgement, name) for name in TRIALS}
    file.write_text(json.dumps(
        {name: trial and dataclasses.asdict(trial) for name, trial in trials.items()}))


def _file(folder: pathlib.Path | None, megabytes: int) -> pathlib.Path | None:
    return None if folder is None else folder / f"{megabytes}.json"
