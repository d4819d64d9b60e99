"""Tokens by spaCy's rules for any language; each Chinese character is a token of its own."""

import re
from typing import Any

import spacy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

HAN = re.compile(r"([\u3400-\u9fff])")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class SpacyTokens(Tokenizer):
    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    @staticmethod
    def required_packages() -> list[str]:
        return ["spacy"]

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config)
        self.language = spacy.blank("xx")

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        text = message.get(attribute)
        spaced = HAN.sub(r" \1 ", text)
        return self._convert_words_to_tokens([t.text for t in self.language(spaced) if not t.is_space], text)
