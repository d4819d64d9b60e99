"""Make the gateway's own models: `python -m nlu.train_models languages|intents FOLDER` writes them there.

That of languages is trained here; those of intents, which tell danger, are Rasa's, so Rasa is trained first.
"""

import sys
from pathlib import Path

from nlu import intent_models, language
from nlu.training_data import phrases


def languages(folder: Path) -> None:
    known = list(phrases())
    language.train(folder / language.MODEL, ((p.text, p.language) for p in known))
    print(f"language: {len(known)} phrases")


def intents(folder: Path) -> None:
    """Raises OSError without a Rasa model, ValueError where it is another than ours."""
    intent_models.unpack(folder)
    print("intents: from Rasa's model")


if __name__ == "__main__":
    {"languages": languages, "intents": intents}[sys.argv[1]](Path(sys.argv[2]))
