"""Who may call what: the routes of an application, as values."""
