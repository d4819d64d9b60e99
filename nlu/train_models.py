"""Make the gateway's own models: `python -m nlu.train_models FOLDER` writes them there.

That of languages is trained here; those of intents, which tell danger, are Rasa's, so Rasa is trained first.
"""

import sys
from pathlib import Path

from nlu import intent_models, language
from nlu.training_data import phrases


def train(folder: Path) -> None:
    """Raises OSError without a Rasa model, ValueError where it is another than ours."""
    known = list(phrases())
    language.train(folder / language.MODEL, ((p.text, p.language) for p in known))
    print(f"language: {len(known)} phrases")
    intent_models.unpack(folder)
    print("intents: from Rasa's model")


if __name__ == "__main__":
    train(Path(sys.argv[1]))
