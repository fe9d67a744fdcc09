"""What a check costs: against the raw signature check, against other libraries, and in front of frameworks."""
