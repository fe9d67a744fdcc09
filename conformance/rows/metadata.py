"""Group D, first part: the issuer's metadata."""

import json
from typing import Final

from ..issuer import Answer, Documents, Publish
from ..keys import public_jwk
from ..must import admitted, both, does_not_start, fetched, invalid_token, unavailable
from ..request import bearing
from ..row import Row, Try
from ..tokens import Token

_OPENID: Final = "/issuer/.well-known/openid-configuration"
_OAUTH: Final = "/.well-known/oauth-authorization-server/issuer"
_OPENID_INSERTED: Final = "/.well-known/openid-configuration/issuer"
_ALL: Final = (_OPENID, _OAUTH, _OPENID_INSERTED)


def _escaped(documents: Documents) -> None:
    text = documents.metadata().body.replace(documents.url.encode(), documents.url.replace("/", "\\u002f").encode(), 1)
    documents.put("/.well-known/openid-configuration", Answer(text))


def _disagreeing(documents: Documents) -> None:
    documents.oauth(jwks_uri=f"{documents.url}/other")
    documents.openid()
    documents.put("/other", Answer(json.dumps({"keys": [public_jwk("other-ec")]}).encode()))


def _instead(words: str, answer: Answer) -> Publish:
    place = "/.well-known/openid-configuration"
    return Publish(f"{words} the metadata", lambda documents: documents.put(place, answer))


def _says(**changes: object) -> Publish:
    said = ", ".join(f"{name} {value}" for name, value in changes.items())
    return Publish(f"the metadata says {said}", lambda documents: documents.openid(**changes))


ROWS: Final = (
    Row(
        "D-01",
        "RFC 8414 section 3.3, OpenID Connect Discovery section 4.3",
        "Metadata counts only if its issuer is exactly the one that was asked.",
        (
            Try(bearing(), unavailable, "metadata-of-another", _says(issuer="https://other.example")),
            Try(
                bearing(),
                unavailable,
                "metadata-with-slash",
                Publish(
                    "the metadata's issuer ends with a slash",
                    lambda documents: documents.openid(issuer=documents.url + "/"),
                ),
            ),
            Try(bearing(), unavailable, "metadata-without", _says(issuer=None)),
        ),
    ),
    Row(
        "D-02",
        "RFC 8414 sections 3 and 3.1",
        "The well-known part is inserted between the host and the path of the issuer.",
        (
            Try(
                bearing(),
                both(admitted(), fetched(_OPENID, _OAUTH, "/issuer/jwks")),
                "inserted",
                Publish("the metadata stands only where RFC 8414 inserts it", lambda documents: documents.oauth()),
            ),
        ),
    ),
    Row(
        "D-03",
        "OpenID Connect Discovery section 4, RFC 8414 section 5",
        "Both forms of metadata are known, and RFC 8414's is asked for first.",
        (
            Try(bearing(), both(admitted(), fetched(_OPENID, "/issuer/jwks")), "appended"),
            Try(
                bearing(),
                both(unavailable, fetched(*_ALL)),
                "nowhere",
                Publish("there is no metadata", lambda documents: documents.no_openid()),
            ),
        ),
        decided="OpenID Connect's place is asked first, because nearly every provider has it: one request fewer at each"
        " start. The first document whose issuer is right counts.",
    ),
    Row(
        "D-05",
        "RFC 8414 sections 3.1 and 3.2",
        "Metadata is a JSON object that is answered with 200.",
        (
            Try(bearing(), unavailable, "metadata-page", _instead("a page of HTML stands for", Answer(b"<html>"))),
            Try(bearing(), unavailable, "metadata-list", _instead("a JSON list stands for", Answer(b"[]"))),
            Try(bearing(), unavailable, "metadata-error", _instead("status 500 stands for", Answer(b"{}", 500))),
        ),
    ),
    Row(
        "D-06",
        "RFC 8414 section 6.1",
        "Metadata and keys come over HTTPS, with a certificate that is verified.",
        (
            Try(bearing(), does_not_start, "plain-http"),
            Try(bearing(), unavailable, "tls"),
            Try(bearing(), admitted(), "loopback"),
        ),
        decided="The loopback interface needs no switch, for nobody stands on that way; everything else needs https, and a"
        " certificate that nobody vouches for is refused.",
    ),
    Row(
        "D-07",
        "RFC 8414 section 4",
        "Texts are compared by code points after JSON was decoded, and never normalised.",
        (
            Try(bearing(), admitted(), "escaped", Publish("the metadata's issuer has its slashes escaped", _escaped)),
            Try(
                bearing(),
                unavailable,
                "other-case",
                Publish(
                    "the metadata's issuer is in capitals",
                    lambda documents: documents.openid(issuer=documents.url.upper()),
                ),
            ),
            Try(
                bearing(),
                unavailable,
                "percent",
                Publish(
                    "the metadata's issuer is percent-encoded",
                    lambda documents: documents.openid(issuer=documents.url.replace("/percent", "/%70ercent")),
                ),
            ),
        ),
    ),
    Row(
        "D-08",
        "RFC 8414 section 2, RFC 9068 section 4",
        "Keys come from the metadata's jwks_uri alone; where there are two documents, they agree.",
        (
            Try(
                bearing(),
                both(admitted(), fetched(_OPENID, "/issuer/jwks")),
                "disagreeing",
                Publish("the two documents name different key sets", _disagreeing),
            ),
            Try(bearing(Token("token by a key of the other set", key="other-ec")), invalid_token, "disagreeing"),
        ),
        decided="The first document whose issuer is right counts, and the other place is never asked: nothing it could say"
        " is used.",
    ),
)
