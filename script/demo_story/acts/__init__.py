"""The acts of the story; each asks the API only, as its people would."""
