"""Entities by spaCy's entity ruler: places, papers, nationalities, telephone numbers, languages.

The patterns are data (`nlu/entities.yml`), compared with folded tokens, so that accents and capitals don't matter.
"""

from pathlib import Path
from typing import Any

import spacy
import yaml
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.components.tokens import HAN
from nlu.text import fold

PATTERNS = Path(__file__).parent.parent / "entities.yml"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class EntityRules(GraphComponent, EntityExtractorMixin):
    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"patterns": str(PATTERNS)}

    @staticmethod
    def required_packages() -> list[str]:
        return ["spacy"]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EntityRules":
        return cls(config)

    def __init__(self, config: dict[str, Any]) -> None:
        self.language = spacy.blank("xx")
        self.values: dict[tuple[str, str], str] = {}
        ruler = self.language.add_pipe("entity_ruler")
        for label, values in yaml.safe_load(Path(config["patterns"]).read_text(encoding="utf-8")).items():
            for value, names in values.items():
                for name in [str(n) for n in names]:
                    self.values[label, name] = str(value)
                    ruler.add_patterns([{"label": label, "pattern": self._spaced(name), "id": str(value)}])
        digits = {"TEXT": {"REGEX": r"^\+?\d{6,12}$"}}
        ruler.add_patterns([{"label": "phone", "pattern": [digits]}])

    @staticmethod
    def _spaced(text: str) -> str:
        return " ".join(HAN.sub(r" \1 ", fold(text)).split())

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            found = [
                {"entity": e.label_, "value": e.ent_id_ or e.text, "start": 0, "end": 0, "confidence": 1.0}
                for e in self.language(self._spaced(message.get(TEXT) or "")).ents
            ]
            unique = {(e["entity"], e["value"]): e for e in found}.values()
            message.set(ENTITIES, message.get(ENTITIES, []) + self.add_extractor_name(list(unique)), add_to_output=True)
        return messages
