"""The chat that other sites embed (chat/), and the pages that need no script (HTML templates and their styles)."""
