"""From a refusal to Django's response."""

from django.http import HttpRequest, HttpResponse

from ..errors import AuthError
from .conf import configured


def refusal_response(request: HttpRequest, refusal: AuthError) -> HttpResponse:
    """The challenge as a response: for a Django middleware of your own, where an exception would become a 500."""
    challenge = configured().guard.challenge(refusal)
    body = b"" if request.method == "HEAD" else challenge.body
    return HttpResponse(body, status=challenge.status, headers=dict(challenge.headers))
