"""Passages of the index as replies: in the reader's language, with the original's words as source."""

from dataclasses import dataclass

import numpy as np

from bot.api.schemas import Reply, Source
from bot.buttons import TOPICS
from bot.catalogue import Catalogue
from bot.library import Library
from knowledge.highlight import highlight
from knowledge.search import answering, search
from nlu.section_model import SectionModel

NEAR_ENOUGH, KNOWN_ENOUGH = 0.83, 0.94
ROUTES = {section: route for route, section in TOPICS.items()} | {
    "iom_world": "about_iom",
    "policy_research": "migration_peru",
    "national_projects": "about_iom",
}


@dataclass(frozen=True)
class Question:
    """What was asked, with its query vector for the search and its intent vector, where there are any."""

    text: str
    vector: np.ndarray | None
    intent: np.ndarray | None = None


class Answers:
    """`sections` is what says which section a question asks for when Rasa does not."""

    def __init__(self, library: Library, texts: Catalogue, sections: SectionModel | None = None):
        self.library, self.texts, self.sections = library, texts, sections

    def reply(self, id: str, language: str, question: Question | None = None) -> Reply | None:
        """The passage called `id`, or None where the index has none of that name any more."""
        index = self.library.index
        passage = index.passage(id) if index else None
        if index is None or passage is None:
            return None
        version = passage.version(language)
        notices = []
        if version.language != language:
            notices.append(self.texts.text(language, "original_notice"))
        elif version.status == "draft":
            notices.append(self.texts.text(language, "draft_notice"))
        source = Source(
            document=passage.document,
            section=passage.section,
            title=version.title,
            language=version.language,
            quote=passage.quote,
            quote_language=passage.original,
            translated=version.language != passage.original,
        )
        pointed = None
        if question and question.vector is not None:
            pointed = highlight(index, passage, language, question.text, question.vector)
        text = "\n\n".join([version.text, *(f"({n})" for n in notices)])
        return Reply(type="answer", text=text, highlight=pointed, sources=[source])

    def nearest(self, question: Question, language: str) -> list[str]:
        """The nearest passages, none where none is near enough or there is nothing to search with.

        Near enough is, too, what is known to answer almost the same question.
        """
        index = self.library.index
        if index is None or question.vector is None:
            return []
        asked = (index, question.text, question.vector, language)
        nearest = search(*asked, 1)
        if not nearest:
            return []
        known = index.alike(nearest[0].passage, question.vector).max(initial=0.0)
        if nearest[0].score < NEAR_ENOUGH and known < KNOWN_ENOUGH:
            return []
        expected = None
        if self.sections and question.intent is not None:
            expected = self.sections.expected(question.text, question.intent)
        return [p.id for p in answering(search(*asked, 2, expected))]

    def first(self, section: str | None) -> str | None:
        index = self.library.index
        return next((p.id for p in index.passages if p.section == section), None) if index else None

    def has_more(self, id: str) -> bool:
        index = self.library.index
        return index is not None and index.following(id) is not None

    @staticmethod
    def section(id: str) -> str:
        return id.split("/")[1]

    @staticmethod
    def route(section: str | None) -> str:
        """The route that a section's questions belong to."""
        return ROUTES.get(section or "", "smalltalk")
