"""How the channel is doing, in one word for operators, and as a line in the log whenever that changes."""

from typing import Literal

import structlog

log = structlog.get_logger()
Word = Literal["starting", "working", "unreachable", "refused", "conflict"]
ADVICE: dict[Word, str] = {
    "conflict": "another program fetches this bot's updates, or its webhook leads elsewhere: see docs/telegram.md",
    "refused": "Telegram does not accept the token: see docs/telegram.md",
    "unreachable": "Telegram cannot be reached; it is tried again and again",
}


class Status:
    def __init__(self) -> None:
        self.word: Word = "starting"

    def be(self, word: Word, **details: str | int) -> None:
        if word == self.word:
            return
        self.word = word
        if word in ADVICE:
            log.error(f"telegram_{word}", advice=ADVICE[word], **details)
        else:
            log.info(f"telegram_{word}", **details)

    def after(self, kind: str) -> None:
        """Take note of a failure; the values of `connection.Trouble` that say something of the whole channel."""
        words: dict[str, Word] = {"network": "unreachable", "refused": "refused", "conflict": "conflict"}
        if kind in words:
            self.be(words[kind])
