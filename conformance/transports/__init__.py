"""Ways into an application: in the same process by scope or environ, over a socket, under a server."""
