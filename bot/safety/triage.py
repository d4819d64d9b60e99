"""How urgent a message is, decided by rules and model together.

Without an encoder a model of letters takes the model's place, and does not have to agree with a rule; the rules alone
decide when no model can be loaded.

Missing a person in danger is the worst failure, so rules and model each may raise the alarm; a calm context (homework,
a film) silences a rule but not a sure model. A message that is nothing but a rule's words needs no model to agree; a
single word that no rule knows ("police", "my boss") is too little for the model's alarm, and is asked back.
Between clear danger and clear calm stands `maybe`: people are asked whether they are safe, and told the lines, without
alarm. Thresholds by language: nlu/urgency/thresholds.yml.

Staff's own examples (knowledge/urgent/) come last: what is like an urgent one alarms; what is like a calm one is not
asked back, and where it has the very same words it does not alarm, though it is still asked back.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import structlog

from bot.safety.examples import ExampleSet
from knowledge.hotlines import GENERAL
from knowledge.urgent import Examples
from nlu.encoder.encoder import Encoder
from nlu.urgency.model import WITHOUT_ENCODER, DangerModel, Estimate, sure_from
from nlu.urgency.rules import Rules, Verdict

log = structlog.get_logger()
Level = Literal["yes", "maybe", "no"]
RULE_CONFIRMED = 0.1
HARDLY_CALM = 0.9
DANGER_NOT_EXCLUDED = 0.02
UNCLEAR = 0.2
UNCLEAR_DANGER = 0.1
MODEL_KNOWS_KIND = 0.5
ONE_WORD_SENTENCES = ("qu", "ay")


@dataclass(frozen=True)
class Triage:
    """`danger` is the kind of danger, "general" where it is unknown, None where the level is no.

    `bare` says that a single word is all there is to go by.
    """

    level: Level
    danger: str | None
    probability: float
    rule: str | None
    calm: bool
    bare: bool = False


class TriageDesk:
    """`letters` is the model for messages without a vector; `examples` gives the staff's examples as they are now."""

    def __init__(
        self,
        rules: Rules,
        model: DangerModel | None,
        letters: DangerModel | None = None,
        examples: Callable[[], ExampleSet] = ExampleSet,
    ):
        self.rules, self.model, self.letters, self.examples = rules, model, letters, examples

    def with_examples(self, examples: ExampleSet) -> "TriageDesk":
        return TriageDesk(self.rules, self.model, self.letters, lambda: examples)

    def judge(self, text: str, vector: np.ndarray | None, language: str | None = None) -> Triage:
        """`vector` is the message's intent vector, shape (dimension,), or None when there is no encoder."""
        triage = self._judge(text, vector, language)
        like = self.examples().match(text, near=vector is not None)
        if like is None:
            return triage
        if like.kind == "urgent":
            return replace(triage, level="yes", danger=triage.danger or GENERAL)
        if triage.level == "yes":
            return replace(triage, level="maybe") if like.exact else triage
        return replace(triage, level="no", danger=None)

    def by_rules(self, text: str) -> Triage:
        """What the rules alone say, of a text of any length."""
        verdict = self.rules.judge(text)
        urgent = verdict.danger is not None and not verdict.calm
        level: Level = "yes" if urgent else "no"
        return Triage(level, verdict.danger if urgent else None, float(urgent), verdict.danger, verdict.calm)

    def _judge(self, text: str, vector: np.ndarray | None, language: str | None) -> Triage:
        estimate, threshold = self._estimate(text, self.model, vector) if vector is not None else None, language
        if estimate is None:
            estimate, threshold = self._estimate(text, self.letters, None), WITHOUT_ENCODER
        if estimate is None:
            return self.by_rules(text)
        verdict = self.rules.judge(text)
        confirmed = verdict.whole or threshold == WITHOUT_ENCODER or estimate.danger >= RULE_CONFIRMED
        bare = verdict.bare and language not in ONE_WORD_SENTENCES
        level = _level(estimate, verdict, sure_from(threshold), confirmed, bare)
        kind = estimate.kind if estimate.danger >= MODEL_KNOWS_KIND else (verdict.danger or estimate.kind)
        danger = None if level == "no" else kind
        return Triage(level, danger, estimate.danger, verdict.danger, verdict.calm, bare)

    def _estimate(self, text: str, model: DangerModel | None, vector: np.ndarray | None) -> Estimate | None:
        try:
            return model.estimate(text, vector) if model else None
        except Exception as error:
            log.error("danger_model_failed", error=type(error).__name__)
            return None


def judge_with(desk: TriageDesk, encoder: Encoder | None, examples: Examples) -> Callable[[str, str], Level]:
    """How urgent a text in a language is with these examples."""
    own = desk.with_examples(ExampleSet(examples, encoder))

    def judge(text: str, language: str) -> Level:
        return own.judge(text, encoder.encode([text], "intent")[0] if encoder else None, language).level

    return judge


def _level(estimate: Estimate, verdict: Verdict, sure: float, confirmed: bool, bare: bool) -> Level:
    rule, calm = verdict.danger is not None, verdict.calm
    alarming = estimate.danger + estimate.maybe >= HARDLY_CALM and estimate.danger >= DANGER_NOT_EXCLUDED
    if estimate.danger >= sure or alarming or (rule and not calm and confirmed):
        return "maybe" if bare else "yes"
    if (
        (estimate.danger + estimate.maybe >= UNCLEAR and not calm)
        or estimate.danger >= UNCLEAR_DANGER
        or (rule and not calm)
    ):
        return "maybe"
    return "no"
