"""What a request costs over sockets, under real servers. Needs wrk, uvicorn and granian."""
