"""Requests of every shape through real doors; an oracle that shares no code with them says what is right."""
