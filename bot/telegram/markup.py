"""Replies as Telegram shows them: HTML, split below its limit and folded at sentences, and inline buttons."""

import html
import re
from collections.abc import Iterable

LONGEST_MESSAGE = 4096
LONGEST_SHOWN = 900
SHOWN_OF_FOLDED = 500
LONGEST_DATA = 64
BUTTONS_IN_ROW = 2
LONG_TITLE = 22
SENTENCE = re.compile(r".+?(?:[.!?…]+[\"'»”)\]]*(?=\s|$)|[。！？]+[”』」）]*|\n+|$)\s*", re.DOTALL)
ABBREVIATED = re.compile(r"(?:\b(?:art|av|dr|dra|etc|ej|núm|nro|pp|sr|sra|st|ud|uds|vs)|\b\w)\.\s*$", re.IGNORECASE)

Button = dict[str, object]
Rows = list[list[Button]]


def length(text: str) -> int:
    """Characters as Telegram counts them: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2


def sentences(text: str) -> list[str]:
    """The sentences of a text with the spaces after them; joined they are the text."""
    found: list[str] = []
    for piece in SENTENCE.findall(text):
        if found and ABBREVIATED.search(found[-1]):
            found[-1] += piece
        else:
            found.append(piece)
    return found


def split(text: str, longest: int = LONGEST_MESSAGE) -> list[str]:
    """Parts of at most `longest`, cut between sentences; a sentence that is longer itself, between words."""
    if length(text) <= longest:
        return [text]
    parts, part = [], ""
    for sentence in sentences(text):
        for piece in [sentence] if length(sentence) <= longest else _words(sentence, longest):
            if part and length(part + piece) > longest:
                parts.append(part.strip())
                part = ""
            part += piece
    return [*parts, part.strip()] if part.strip() else parts


def _words(sentence: str, longest: int) -> Iterable[str]:
    for word in re.findall(r"\S+\s*|\s+", sentence):
        while length(word) > longest:
            yield word[: longest // 2]
            word = word[longest // 2 :]
        yield word


def escaped(text: str) -> str:
    return html.escape(text, quote=False)


def pointed(text: str, highlight: str | None) -> str:
    """HTML of a text with one sentence of it in bold."""
    if not highlight:
        return escaped(text)
    return escaped(text).replace(escaped(highlight), f"<b>{escaped(highlight)}</b>", 1)


def folded(text: str, highlight: str | None = None) -> str:
    """HTML of a text: whole where it is short; else its first sentences, and the rest in a quote that opens at a tap.

    With a highlighted sentence, that one is shown, and the whole text is in the quote. Notes in parentheses at its end
    stay outside the fold. No sentence is cut.
    """
    if length(text) <= LONGEST_SHOWN:
        return pointed(text, highlight)
    body = text
    notes: list[str] = []
    while (cut := body.rfind("\n\n")) > 0 and re.fullmatch(r"\(.*\)", body[cut:].strip(), re.DOTALL):
        notes.insert(0, body[cut:].strip())
        body = body[:cut]
    shown, rest = highlight or "", sentences(body)
    while not highlight and rest and (not shown or length(shown + rest[0]) <= SHOWN_OF_FOLDED):
        shown += rest.pop(0)
    hidden = "".join(rest).strip()
    parts = [pointed(shown.strip(), highlight)]
    if hidden:
        parts.append(f"<blockquote expandable>{escaped(hidden)}</blockquote>")
    parts += [escaped(note) for note in notes]
    return "\n\n".join(parts)


def with_bold(text: str, words: Iterable[str]) -> str:
    """HTML of a text with some words, such as numbers to call, in bold."""
    pattern = "|".join(re.escape(w) for w in sorted(set(words), key=len, reverse=True))
    if not pattern:
        return escaped(text)
    return re.sub(rf"(?<![\d-])({pattern})(?![\d-])", r"<b>\1</b>", escaped(text))


def button(title: str, data: str) -> Button:
    """Raises ValueError where Telegram would not take the data."""
    if not 0 < len(data.encode()) <= LONGEST_DATA:
        raise ValueError("callback data of a button must have 1 to 64 bytes")
    return {"text": title, "callback_data": data}


def copy_button(title: str, copied: str) -> Button:
    return {"text": title, "copy_text": {"text": copied}}


def link_button(title: str, url: str) -> Button:
    return {"text": title, "url": url}


def in_rows(buttons: list[Button]) -> Rows:
    """Two in a row, long ones alone."""
    rows: Rows = []
    for one in buttons:
        short = len(str(one["text"])) <= LONG_TITLE
        if rows and short and len(rows[-1]) < BUTTONS_IN_ROW and len(str(rows[-1][0]["text"])) <= LONG_TITLE:
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows
