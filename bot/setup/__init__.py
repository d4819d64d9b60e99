"""Sets up what a fresh machine lacks: `python3 -m bot.setup [all|run|test|rasa|lock|clean]`.

Runs before any environment exists, on Python 3.9 or newer: it may import the standard library only.
"""
