"""Ask a model of `diet`, in Rasa's environment: `python -m benchmarks.diet_parse MODEL TEXTS ANSWERS` (JSON files).

The milliseconds of a text are those of its tokens, its n-grams and DIET, without the encoder and Rasa's graph.
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

from rasa.core.agent import Agent
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.nlu.featurizers.sparse_featurizer.count_vectors_featurizer import CountVectorsFeaturizer

from nlu.components.tokens import SpacyTokens

WARM_UP = 5


class Clock:
    """Adds up the seconds that the components' `process` takes."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def watch(self, component: Any) -> None:
        process = component.process

        def watched(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return process(*arguments, **named)
            finally:
                self.seconds += time.perf_counter() - started

        component.process = watched


async def ask(model: str, texts: list[str]) -> list[dict[str, Any]]:
    clock = Clock()
    for component in (SpacyTokens, CountVectorsFeaturizer, DIETClassifier):
        clock.watch(component)
    agent = Agent.load(model)
    for text in texts[:WARM_UP]:
        await agent.parse_message(text)
    answers = []
    for text in texts:
        clock.seconds = 0.0
        parse = await agent.parse_message(text)
        confidences = {row["name"]: row["confidence"] for row in parse["intent_ranking"]}
        answers.append({"confidences": confidences, "milliseconds": clock.seconds * 1000})
    return answers


if __name__ == "__main__":
    model, texts, answers = sys.argv[1:]
    found = asyncio.run(ask(model, json.loads(Path(texts).read_text(encoding="utf-8"))))
    Path(answers).write_text(json.dumps(found), encoding="utf-8")
