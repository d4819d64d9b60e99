"""Measuring: messages against the running gateway, questions against an index of any folder."""
