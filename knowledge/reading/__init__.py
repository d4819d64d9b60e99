"""What staff upload becomes Markdown: one function, `read`, for every format."""

from knowledge.reading.reader import ENDINGS, Reading, read

__all__ = ["ENDINGS", "Reading", "read"]
