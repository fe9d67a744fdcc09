"""Where keys live: add a file to add a kind."""
