"""Rasa's custom actions. They run in the gateway's process, where the index is, and name passages; the gateway words them."""
