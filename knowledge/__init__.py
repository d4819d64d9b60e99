"""What the bot knows: the documents and help lines that staff edit, and their reading, checking, indexing, searching.

Texts are quoted, never written here. `hotlines` needs nothing but PyYAML, so that help lines show when all else fails.
"""
