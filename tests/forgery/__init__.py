"""A forge of tokens: good ones, and every way of being wrong, for tests that compare judges."""
