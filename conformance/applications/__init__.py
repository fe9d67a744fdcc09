"""Whom the rows are asked of: the application of this project, a naive one, and any other."""
