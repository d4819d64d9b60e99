"""Train the gateway's own models: `python -m nlu.train_models FOLDER` writes language.npz and danger.npz there."""

import sys
from pathlib import Path

from nlu import language
from nlu.encoder import encoder, phrase_vectors
from nlu.training_data import phrases
from nlu.urgency import model


def train(folder: Path) -> None:
    known = list(phrases())
    language.train(folder / language.MODEL, ((p.text, p.language) for p in known))
    print(f"language: {len(known)} phrases")
    vectors = phrase_vectors.encode([p.text for p in known], encoder.load(threads=2), folder)
    model.fit(known, vectors).save(folder / model.FILE)
    print(f"danger: {len(known)} phrases, {len({p.situation for p in known})} situations")


if __name__ == "__main__":
    train(Path(sys.argv[1]))
