"""Where the time goes: what each step adds where it stands, and why it stays."""
