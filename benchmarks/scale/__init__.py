"""How the cost of one request grows with what a service has much of."""
