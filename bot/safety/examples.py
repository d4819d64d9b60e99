"""Staff's own example sentences beside a message: the same words, or nearly the same meaning."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import structlog

from bot.lookout import Lookout
from knowledge.findings import KnowledgeError
from knowledge.urgent import FOLDER, Examples, read_examples
from nlu.encoder.encoder import Encoder
from nlu.text import words

log = structlog.get_logger()
NEAR = 0.95
NONE = Examples()


@dataclass(frozen=True)
class Likeness:
    """The sentence that a message is like; `exact` where it has the same words."""

    kind: Literal["urgent", "calm"]
    sentence: str
    exact: bool


class ExampleSet:
    """Likeness is that of e5's own vectors, for intent vectors are near for all that tell of one danger.

    Without an encoder only the same words count.
    """

    def __init__(self, examples: Examples = NONE, encoder: Encoder | None = None):
        every: list[tuple[Literal["urgent", "calm"], str]] = [("urgent", s) for s in examples.urgent]
        every += [("calm", s) for s in examples.calm]
        self.likenesses = [Likeness(kind, sentence, False) for kind, sentence in every]
        self.exact = {words(s): Likeness(kind, s, True) for kind, s in reversed(every)}
        self.encoder = encoder
        self.vectors = encoder.encode([s for _, s in every]) if encoder and every else None

    def match(self, text: str, near: bool = True) -> Likeness | None:
        """What the message is like, None where it is like none. Without `near` it must have the same words."""
        if found := self.exact.get(words(text)):
            return found
        if not near or self.vectors is None or self.encoder is None:
            return None
        try:
            cosines = self.vectors @ self.encoder.encode([text])[0]
        except Exception as error:
            log.error("urgent_examples_not_compared", error=type(error).__name__)
            return None
        best = int(cosines.argmax())
        return self.likenesses[best] if cosines[best] >= NEAR else None


class ExampleBoard:
    """The sentences of a knowledge folder, read anew when they change; broken files leave the last good ones."""

    def __init__(self, folder: Path, encoder: Encoder | None):
        self.folder, self.encoder = folder, encoder
        self.changed: object = None
        self.examples = ExampleSet()
        self.refresh()
        self._lookout = Lookout(self.refresh, lambda: self._stamps() != self.changed)

    def __call__(self) -> ExampleSet:
        self._lookout.look()
        return self.examples

    def refresh(self) -> None:
        self.changed = self._stamps()
        try:
            self.examples = ExampleSet(read_examples(self.folder), self.encoder)
        except (KnowledgeError, OSError) as error:
            log.error("urgent_examples_broken", error=type(error).__name__)
        except Exception as error:
            log.error("urgent_examples_not_encoded", error=type(error).__name__)
            self.examples = ExampleSet(read_examples(self.folder))

    def _stamps(self) -> object:
        try:
            return sorted((f.name, f.stat().st_mtime_ns) for f in (self.folder / FOLDER).glob("*.yml"))
        except OSError:
            return None
