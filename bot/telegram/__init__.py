"""The Telegram channel: updates in, answers of `Reception` out, with nothing lost or doubled by cuts and restarts.

The way of an update: webhook or polling -> incoming (journal, dedupe) -> turns (what was sent, what to answer)
-> delivery (outbox, flood limits) -> Telegram.
"""
