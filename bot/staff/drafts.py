"""Drafts: one a file, shared by all staff. Nobody overwrites what they have not seen.

A form carries the digest of the text that it was filled from; where somebody else saved in between, `save` raises
Collision with both texts.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.staff.models import DraftRow, now
from knowledge.publication import changes

PATHS = re.compile(
    r"documents/[a-z0-9][a-z0-9-]{0,60}/[a-z]{2,3}\.md|hotlines\.yml|golden\.yml|(?:questions|urgent)/[a-z]{2,3}\.yml"
)


class Collision(Exception):
    """`theirs` is what stands there now, `author` who saved it: empty where it was published or edited as a file."""

    def __init__(self, theirs: str | None, author: str):
        super().__init__("somebody else saved in between")
        self.theirs, self.author = theirs, author


@dataclass(frozen=True)
class Standing:
    """A file as an editor meets it: its draft, or else what is published."""

    path: str
    text: str | None
    published: str | None
    draft: DraftRow | None

    @property
    def seen(self) -> str:
        return digest(self.text)

    @property
    def overtaken(self) -> bool:
        """Whether another text was published after the draft was begun."""
        return self.draft is not None and (self.draft.base or "") != digest(self.published)


def digest(text: str | None) -> str:
    """sha256 in hex; empty for no file."""
    return changes.digest(text) or ""


def allowed(path: str) -> bool:
    """Whether a path is one that the console may change."""
    return bool(PATHS.fullmatch(path))


def standing(session: Session, folder: Path, path: str) -> Standing:
    """A draft that was published meanwhile goes. Raises ValueError for a path that the console may not change."""
    if not allowed(path):
        raise ValueError(path)
    draft = session.get(DraftRow, path)
    published = changes.read(folder, path)
    if draft and draft.text == published:
        session.delete(draft)
        draft = None
    return Standing(path, draft.text if draft else published, published, draft)


def save(
    session: Session, folder: Path, path: str, text: str | None, seen: str, who: str, base: str | None = None
) -> bool:
    """Keep a draft; one that is the same as what is published goes. Whether anything changed. Raises Collision.

    `base` is the digest of the published text that was joined into `text`, where somebody joined the two.
    """
    found = standing(session, folder, path)
    if found.text == text and base is None:
        return False
    if found.seen != seen:
        raise Collision(found.text, found.draft.author if found.draft else "")
    if base is not None and base != digest(found.published):
        raise Collision(found.published, "")
    if text == found.published:
        if found.draft:
            session.delete(found.draft)
        return True
    if found.draft:
        row = found.draft
        row.text, row.digest, row.author, row.changed, row.waiting = text, digest(text), who, now(), False
        row.base = row.base if base is None else base or None
    else:
        session.add(
            DraftRow(path=path, text=text, base=digest(found.published) or None, digest=digest(text), author=who)
        )
    session.flush()
    return True


def listed(session: Session) -> list[DraftRow]:
    return list(session.scalars(select(DraftRow).order_by(DraftRow.path)))


def discard(session: Session, path: str, seen: str) -> bool:
    """Give a draft up, unless it is another one than was seen. Whether it is gone."""
    row = session.get(DraftRow, path)
    if row and row.digest == seen:
        session.delete(row)
        return True
    return False
