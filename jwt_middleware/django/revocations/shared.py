"""The one store of this site: ``"REVOCATIONS": "jwt_middleware.django.revocations.shared.revocations"``."""

from .store import database

# what the issuing side withdraws, the guard of the same process refuses at once: so they look at one copy
revocations = database()
