"""Who may pass, and why not, told from the specifications alone: it imports neither this package nor a JWT library."""
