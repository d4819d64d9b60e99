"""Changes of knowledge files: what they would do, publishing them whole or not at all, and undoing them."""

from knowledge.publication.changes import Change, digest
from knowledge.publication.history import History, Unrecorded, Version
from knowledge.publication.journal import recover
from knowledge.publication.workshop import Proposal, Refused, Workshop

__all__ = ["Change", "History", "Proposal", "Refused", "Unrecorded", "Version", "Workshop", "digest", "recover"]
