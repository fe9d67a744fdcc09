"""Who is told of decisions: add a file to add a kind."""
