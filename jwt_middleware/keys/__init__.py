"""WHICH KEY SIGNED IT? Header in, key out."""
