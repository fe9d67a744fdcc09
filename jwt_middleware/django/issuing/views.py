"""The views of the issuing side. Sync: a login hashes a password, and every one of them asks the database."""

from django.http import HttpRequest, HttpResponse

from ...issuing.client_endpoints import token_endpoint_metadata
from ...issuing.documents import jwks_answer, metadata_answer, metadata_document
from ...issuing.exchange import MAX_FORM
from ...waiting import run
from ..exchange import View, issuing_request, open_view, response_of
from .conf import issuing


def endpoint(name: str, method: str) -> View:
    """The view of one endpoint of sessions."""

    def view(request: HttpRequest, **parameters: str) -> HttpResponse:
        return response_of(run(issuing().endpoints.answer(name, issuing_request(request, parameters))))

    return open_view(view, method)


def client_endpoint(name: str) -> View:
    """The view of one endpoint for registered clients."""

    def view(request: HttpRequest) -> HttpResponse:
        return response_of(run(issuing().clients.answer(name, issuing_request(request, {}, MAX_FORM))))

    return open_view(view, "POST")


def jwks(request: HttpRequest) -> HttpResponse:
    """The JWKS: public halves only."""
    return response_of(run(jwks_answer(issuing_request(request, {}), issuing().keys)))


def metadata(request: HttpRequest) -> HttpResponse:
    """The metadata (RFC 8414), at all of its well-known paths."""
    current = issuing()
    base = current.issuer.issuer.rstrip("/")
    if current.clients_url:
        document = token_endpoint_metadata(current.clients, current.clients_url)
    else:
        document = metadata_document(current.issuer.issuer, jwks_uri=None if current.keys.symmetric else f"{base}/jwks")
    return response_of(run(metadata_answer(issuing_request(request, {}), document)))


jwks = open_view(jwks, "GET", "HEAD", "OPTIONS")
metadata = open_view(metadata, "GET", "HEAD", "OPTIONS")
