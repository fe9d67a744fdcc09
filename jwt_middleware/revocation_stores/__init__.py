"""Who remembers what was revoked: add a file to add a kind."""
