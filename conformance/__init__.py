"""The standards as executable rows: what is sent to a resource server, and what must be seen."""
