"""Intent by the linear model on sentence vector and n-grams, decided by route first.

The route with the most probability wins, then the likeliest intent in it; the confidence is the route's. A route is
what people get an answer from, and its intents share their probability among them. The ranking has the first intent of
each route, then the others. A model of the n-grams alone is kept beside it, for a gateway without an encoder.
"""

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from nlu import linear_model, training_data
from nlu.components.sentence_vectors import SentenceVectors
from nlu.intent_models import FILE, LETTERS_FILE, OUT_OF_SCOPE

RANKED = 16


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class RouteIntents(GraphComponent, IntentClassifier):
    @classmethod
    def required_components(cls) -> list[type]:
        return [SentenceVectors]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"balance": 0.5, "out_of_scope_weight": 1.0}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "RouteIntents":
        return cls(config, model_storage, resource)

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config, self.model_storage, self.resource = config, model_storage, resource
        self.model: linear_model.LinearModel | None = None

    def train(self, training_data: TrainingData) -> Resource:
        examples = [e for e in training_data.intent_examples if e.get(TEXT)]
        texts, labels = [e.get(TEXT) for e in examples], [e.get(INTENT) for e in examples]
        letters = linear_model.train(texts, np.empty((len(texts), 0)), labels, self.config["balance"])
        self.model = linear_model.train(texts, _vectors(examples), labels, self.config["balance"], letters)
        with self.model_storage.write_to(self.resource) as folder:
            self.model.save(folder / FILE)
            letters.save(folder / LETTERS_FILE)
        return self.resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "RouteIntents":
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component.model = linear_model.LinearModel.load(folder / FILE)
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        if self.model is None or not messages:
            return messages
        known = training_data.intents()
        routes = [known[name].route if name in known else name for name in self.model.classes]
        table = self.model.probabilities([m.get(TEXT) or "" for m in messages], _vectors(messages))
        table *= [self.config["out_of_scope_weight"] if route == OUT_OF_SCOPE else 1.0 for route in routes]
        table /= table.sum(1, keepdims=True)
        for message, row in zip(messages, table, strict=True):
            shares: dict[str, float] = {}
            for route, probability in zip(routes, row, strict=True):
                shares[route] = shares.get(route, 0.0) + float(probability)
            order = sorted(range(len(row)), key=lambda i: (shares[routes[i]], row[i]), reverse=True)
            firsts: dict[str, int] = {}
            for i in order:
                firsts.setdefault(routes[i], i)
            order = list(dict.fromkeys([*firsts.values(), *order]))
            ranking = [
                {
                    INTENT_NAME_KEY: self.model.classes[i],
                    PREDICTED_CONFIDENCE_KEY: shares[routes[i]],
                    "share": float(row[i]),
                }
                for i in order[:RANKED]
            ]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages


def _vectors(messages: list[Message]) -> np.ndarray:
    """Each message's sentence vector; read where it lies, for Rasa's own getter copies all features."""
    return np.stack([next(f.features[0] for f in m.features if f.attribute == TEXT and f.is_dense()) for m in messages])
