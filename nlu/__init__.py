"""Understanding a message: language, urgency, intent, and the sentence encoder that serves them.

Runs in both environments (gateway and Rasa): it may import neither FastAPI nor, outside `components`, Rasa.
"""
