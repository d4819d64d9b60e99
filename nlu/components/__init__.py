"""Rasa NLU components, named in `config.yml`; they run in Rasa's own environment."""
