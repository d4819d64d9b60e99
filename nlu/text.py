"""Typed text without what differs from hand to hand: accents, capitals, marks, drawn-out letters, unseen signs."""

import re
import unicodedata

from nlu.courtesies import without_courtesies

DRAWN_OUT = re.compile(r"(\D)\1{2,}")
NOT_WORD = re.compile(r"[\W_]+")
BETWEEN_SENTENCES = re.compile(r"(?:\s*[.!…;:。,、]+)+(?=\s)|\s*[。！；，、]+")
QUESTION = re.compile(r"[\s?!.]*\?[\s?!.]*(?=$)|\s*[?!]*\?[?!.]*")
APOSTROPHES = str.maketrans("’‘ʼ´`", "'''''")
ORNAMENTS = str.maketrans({**dict.fromkeys("#*_~|", " "), **dict.fromkeys('¿¡"“”„«»', ""), "\n": ", "})
EDGES = " .,;:!…。、—-"
SKIN_TONES = "\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff"
EMOJI = {"So": " ", "Me": "", "Cf": ""}
PICTURES = {"So": " ", "Sk": " ", "Mn": "", "Me": ""}


def fold(text: str) -> str:
    """Lower case, accents removed, three or more of one letter made one."""
    decomposed = unicodedata.normalize("NFKD", text.encode("utf-8", "ignore").decode().lower())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return DRAWN_OUT.sub(r"\1", bare)


def said(text: str) -> str:
    """What is said, however it was typed, without the courtesies around it.

    Lower case, commas between sentences and lines, one kind of apostrophe, neither quotation marks nor pictures, no
    mark at the end but a question's; as it is where that leaves nothing.
    """
    point = without_courtesies(text.encode("utf-8", "ignore").decode())
    plain = unicodedata.normalize("NFKC", point.translate(APOSTROPHES)).lower()
    plain = "".join(PICTURES.get(unicodedata.category(c), c) for c in plain.translate(ORNAMENTS))
    plain = QUESTION.sub("?", DRAWN_OUT.sub(r"\1", " ".join(plain.split())))
    return BETWEEN_SENTENCES.sub(",", plain).strip(EDGES) or text


def without_emoji(text: str) -> str:
    """A space for each, nothing for their skin tones, joints and frames."""
    bare = text.translate(dict.fromkeys(map(ord, SKIN_TONES + "\ufe0f")))
    return "".join(EMOJI.get(unicodedata.category(c), c) for c in bare)


def visible(text: str) -> str:
    """Without what nobody sees and what would split words: direction marks, soft hyphens, spaces of no width."""
    return "".join(c for c in text if unicodedata.category(c) != "Cf")


def words(text: str) -> str:
    """Folded words with single spaces between them; punctuation and apostrophes become spaces."""
    return NOT_WORD.sub(" ", fold(text)).strip()
