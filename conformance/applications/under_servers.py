"""What uvicorn and gunicorn import: the application of this project, logging everything."""

import logging
import os

from . import ours_asgi, ours_wsgi
from .settings import Issuers

logging.basicConfig(level=logging.DEBUG)
_issuers = Issuers.from_environment(os.environ)
asgi = ours_asgi.application(_issuers)
wsgi = ours_wsgi.application(_issuers)
