"""The URLs of the JWKS and the metadata, for the root of the host."""

from urllib.parse import urlsplit

from django.urls import URLPattern, path

from ...issuing.documents import well_known_paths
from .conf import issuing
from .views import jwks, metadata


def key_urls() -> list[URLPattern]:
    """``urlpatterns = [path("auth/", include(...)), *key_urls()]``: where verifiers look, below the issuer's path."""
    issuer = issuing().issuer.issuer
    patterns = [path(each.lstrip("/"), metadata) for each in dict.fromkeys(well_known_paths(issuer))]
    jwks_path = f"{urlsplit(issuer).path.rstrip('/')}/jwks".lstrip("/")
    return [*patterns, path(jwks_path, jwks, name="jwks")]
