"""The linear models of intents in a trained Rasa model, taken out of it, so that what they tell needs no Rasa."""

import tarfile
from pathlib import Path

import yaml

from nlu.paths import ROOT

ARCHIVE = ROOT / "models" / "yanapay.tar.gz"
CONFIG = ROOT / "config.yml"
FILE, LETTERS_FILE = "intents.npz", "intents_letters.npz"
COMPONENT, WEIGHT = "nlu.components.intents.RouteIntents", "out_of_scope_weight"


def unpack(folder: Path, archive: Path = ARCHIVE) -> None:
    """Write both files to `folder`. Raises OSError without a Rasa model, ValueError where it is another than ours."""
    with tarfile.open(archive) as packed:
        members = {Path(m.name).name: m for m in packed.getmembers()}
        for name in (FILE, LETTERS_FILE):
            file = packed.extractfile(members[name]) if name in members else None
            if file is None:
                raise ValueError(f"{archive}: no {name}; train it again")
            (folder / name).write_bytes(file.read())


def out_of_scope_weight(config: Path = CONFIG) -> float:
    """What a share of `out_of_scope` counts for."""
    pipeline = yaml.safe_load(config.read_text("utf-8"))["pipeline"]
    return next((float(c[WEIGHT]) for c in pipeline if c["name"] == COMPONENT and WEIGHT in c), 1.0)
