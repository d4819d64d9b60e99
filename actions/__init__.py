"""Rasa's custom actions. They run in the gateway's process, where the index is; what they name, the gateway words."""
