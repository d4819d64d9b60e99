"""The gateway: the public side, from a message that comes in to the replies that go out.

Imports nothing here: `bot.setup` runs on a bare Python before any environment exists.
"""
