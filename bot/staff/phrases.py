"""What staff's own urgent and calm sentences do to messages, before they are published."""

from collections.abc import Iterable
from dataclasses import dataclass

from bot.safety.examples import ExampleSet
from bot.safety.triage import TriageDesk
from knowledge.urgent import Examples
from nlu.encoder.encoder import Encoder


@dataclass(frozen=True)
class Effect:
    """`before` and `after` are yes, maybe or no; `near` the sentence that the message is like, if it is like one."""

    message: str
    before: str
    after: str
    near: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


def effects(
    messages: Iterable[str], examples: Examples, desk: TriageDesk, encoder: Encoder | None, language: str
) -> list[Effect]:
    """How each message is judged as published, and with these examples instead."""
    given = ExampleSet(examples, encoder)
    tried = desk.with_examples(given)
    found = []
    for message in messages:
        vector = encoder.encode([message], "intent")[0] if encoder else None
        before, after = (one.judge(message, vector, language).level for one in (desk, tried))
        like = given.match(message)
        found.append(Effect(message, before, after, like.sentence if like else ""))
    return found
