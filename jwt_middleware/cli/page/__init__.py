"""The page of ``jwt-middleware demo --serve``: choose who you are, do something, watch the request walk."""
