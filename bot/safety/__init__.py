"""The safety path: is somebody in danger, and which lines help. Needs neither Rasa nor the index nor the network."""
