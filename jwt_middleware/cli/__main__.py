"""``python -m jwt_middleware.cli``."""

from . import main

main(prog_name="jwt-middleware")
