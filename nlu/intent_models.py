"""The linear models of intents in a trained Rasa model, taken out of it, so that what they tell needs no Rasa."""

import os
import tarfile
import zlib
from pathlib import Path

import yaml

from nlu.paths import ROOT

ARCHIVE = ROOT / "models" / "yanapay.tar.gz"
CONFIG = ROOT / "config.yml"
FILE, LETTERS_FILE = "intents.npz", "intents_letters.npz"
COMPONENT, WEIGHT = "nlu.components.intents.RouteIntents", "out_of_scope_weight"
OUT_OF_SCOPE = "out_of_scope"


def unpack(folder: Path, archive: Path = ARCHIVE) -> None:
    """Write both files to `folder`. Raises OSError without a Rasa model, ValueError where it is broken or not ours."""
    try:
        with tarfile.open(archive) as packed:
            files = {Path(m.name).name: packed.extractfile(m) for m in packed.getmembers() if m.isfile()}
            found = {name: file.read() for name in (FILE, LETTERS_FILE) if (file := files.get(name))}
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise ValueError(f"{archive}: broken; train it again") from error
    if missing := {FILE, LETTERS_FILE}.difference(found):
        raise ValueError(f"{archive}: no {min(missing)}; train it again")
    for name, content in found.items():
        partial = folder / f"{name}.{os.getpid()}"
        partial.write_bytes(content)
        partial.replace(folder / name)


def out_of_scope_weight(config: Path = CONFIG) -> float:
    """What a share of `out_of_scope` counts for."""
    pipeline = yaml.safe_load(config.read_text("utf-8"))["pipeline"]
    return next((float(c[WEIGHT]) for c in pipeline if c["name"] == COMPONENT and WEIGHT in c), 1.0)
