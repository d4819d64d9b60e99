"""Train the gateway's own models of languages and dangers: `python -m nlu.train_models FOLDER` writes them there."""

import sys
from pathlib import Path

import numpy as np

from nlu import language
from nlu.company import accompanied
from nlu.encoder import encoder, phrase_vectors
from nlu.training_data import phrases
from nlu.urgency import model


def train(folder: Path) -> None:
    known = list(phrases())
    language.train(folder / language.MODEL, ((p.text, p.language) for p in known))
    print(f"language: {len(known)} phrases")
    taught = [*known, *accompanied(known)]
    vectors = phrase_vectors.encode([p.text for p in taught], encoder.load(threads=2), folder)
    letters = model.fit(taught, np.empty((len(taught), 0)))
    letters.save(folder / model.LETTERS_FILE)
    model.fit(taught, vectors, letters).save(folder / model.FILE)
    print(f"danger: {len(taught)} phrases, {len({p.situation for p in taught})} situations")


if __name__ == "__main__":
    train(Path(sys.argv[1]))
