"""Two judges and one pile of tokens: whatever they say differently has a name."""
