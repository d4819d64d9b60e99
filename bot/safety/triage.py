"""How urgent a message is, decided by rules and model together; by the rules alone when no model can be loaded.

Missing a person in danger is the worst failure, so rules and model each may raise the alarm; a calm context (homework,
a film) silences a rule but not a sure model. A message that is nothing but a rule's words needs no model to agree.
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
from nlu.urgency.model import DangerModel, Estimate, sure_from
from nlu.urgency.rules import Rules, Verdict

log = structlog.get_logger()
Level = Literal["yes", "maybe", "no"]
RULE_CONFIRMED = 0.1
UNCLEAR = 0.45
UNCLEAR_DANGER = 0.15
MODEL_KNOWS_KIND = 0.5


@dataclass(frozen=True)
class Triage:
    """`danger` is the kind of danger, "general" where it is unknown, None where the level is no."""

    level: Level
    danger: str | None
    probability: float
    rule: str | None
    calm: bool


class TriageDesk:
    """`examples` gives the staff's examples as they are now."""

    def __init__(self, rules: Rules, model: DangerModel | None, examples: Callable[[], ExampleSet] = ExampleSet):
        self.rules, self.model, self.examples = rules, model, examples

    def with_examples(self, examples: ExampleSet) -> "TriageDesk":
        return TriageDesk(self.rules, self.model, lambda: examples)

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

    def _judge(self, text: str, vector: np.ndarray | None, language: str | None) -> Triage:
        verdict = self.rules.judge(text)
        if self.model is None or vector is None:
            urgent = verdict.danger is not None and not verdict.calm
            return Triage(
                "yes" if urgent else "no",
                verdict.danger if urgent else None,
                float(urgent),
                verdict.danger,
                verdict.calm,
            )
        try:
            estimate = self.model.estimate(text, vector)
        except Exception as error:
            log.error("danger_model_failed", error=type(error).__name__)
            return self._judge(text, None, language)
        level = _level(estimate, verdict, sure_from(language))
        kind = estimate.kind if estimate.danger >= MODEL_KNOWS_KIND else (verdict.danger or estimate.kind)
        danger = None if level == "no" else kind
        return Triage(level, danger, estimate.danger, verdict.danger, verdict.calm)


def judge_with(desk: TriageDesk, encoder: Encoder | None, examples: Examples) -> Callable[[str, str], Level]:
    """How urgent a text in a language is with these examples."""
    own = desk.with_examples(ExampleSet(examples, encoder))

    def judge(text: str, language: str) -> Level:
        return own.judge(text, encoder.encode([text], "intent")[0] if encoder else None, language).level

    return judge


def _level(estimate: Estimate, verdict: Verdict, sure: float) -> Level:
    rule, calm = verdict.danger is not None, verdict.calm
    confirmed = verdict.whole or estimate.danger >= RULE_CONFIRMED
    if estimate.danger >= sure or (rule and not calm and confirmed):
        return "yes"
    if (
        (estimate.danger + estimate.maybe >= UNCLEAR and not calm)
        or estimate.danger >= UNCLEAR_DANGER
        or (rule and not calm)
    ):
        return "maybe"
    return "no"
