"""Group D, second part: the issuer's keys, and fetching them."""

import json
from typing import Final

from ..issuer import Answer, Documents, Publish, keys
from ..keys import public_jwk
from ..must import admitted, both, fetched, fetched_at_most, field, invalid_token, status, unavailable
from ..request import bearing, get
from ..row import Row, Try
from ..tokens import Token
from .kinds_of_key import ED

_OPENID: Final = "/issuer/.well-known/openid-configuration"
_JWKS: Final = "/issuer/jwks"
_NO_KID: Final = Token("token without kid", key="ec without key id")
_UNHEARD: Final = Token("token with another unknown key id", header={"kid": lambda facts: f"unheard-{facts.turn}"})


def _elsewhere(documents: Documents) -> None:
    documents.openid(jwks_uri=documents.url.replace("127.0.0.1", "localhost") + "/jwks")


def _redirected(documents: Documents) -> None:
    documents.put("/other", Answer(json.dumps({"keys": [public_jwk("ec")]}).encode()))
    documents.put("/jwks", Answer(b"", 302, {"Location": f"{documents.url}/other"}))


def _giant(documents: Documents) -> None:
    documents.put("/jwks", Answer(json.dumps({"keys": [public_jwk("ec")], "filler": "x" * 1_000_000}).encode()))


def _dripping(documents: Documents) -> None:
    documents.put("/jwks", Answer(json.dumps({"keys": [public_jwk("ec")]}).encode(), drip=0.05))


def _slowly(documents: Documents) -> None:
    documents.put("/jwks", Answer(json.dumps({"keys": [public_jwk("ec")]}).encode(), drip=0.002))


def _for_ten_minutes(documents: Documents) -> None:
    kept = {"Content-Type": "application/json", "Cache-Control": "max-age=600"}
    documents.put("/jwks", Answer(json.dumps({"keys": [public_jwk("ec")]}).encode(), headers=kept))


def _down(documents: Documents) -> None:
    for path in ("/jwks", "/.well-known/openid-configuration"):
        documents.put(path, Answer(b"out of order", 500))


def _says(**changes: object) -> Publish:
    said = ", ".join(f"{name} {value}" for name, value in changes.items())
    return Publish(f"the metadata says {said}", lambda documents: documents.openid(**changes))


ROWS: Final = (
    Row(
        "D-09",
        "OpenID Connect Core section 10.1.1, RFC 7517",
        "Keys are kept; an unknown key id makes us ask once, so that a new key is taken without a restart.",
        (
            Try(
                bearing(),
                both(admitted(), fetched_at_most(2)),
                "rotation",
                keys("one key", lambda: [public_jwk("ec")]),
            ),
            Try(
                bearing(Token("token by another known key", key="ec")), both(admitted(), fetched_at_most(2)), "rotation"
            ),
            Try(
                bearing(ED),
                both(admitted(), fetched_at_most(3)),
                "rotation",
                keys("a new key as well", lambda: [public_jwk("ec"), public_jwk("ed")]),
            ),
        ),
    ),
    Row(
        "D-10",
        "availability",
        "Strangers with unknown key ids cannot make us fetch without bound, and good tokens pass meanwhile.",
        (
            Try(bearing(), both(admitted(), fetched_at_most(2)), "flood"),
            Try(bearing(_UNHEARD), both(invalid_token, fetched_at_most(8)), "flood", times=100),
            Try(bearing(), both(admitted(), fetched_at_most(8)), "flood"),
        ),
        note="Five fetches at once, and one more every 30 seconds.",
    ),
    Row(
        "D-11",
        "RFC 9111 section 5.2",
        "Keys are renewed ahead of time as Cache-Control says, and serve for a bounded time while the issuer is down.",
        (
            Try(
                bearing(),
                both(admitted(), fetched(_OPENID, _JWKS)),
                "ageing",
                Publish("the issuer says that its keys may be kept for ten minutes", _for_ten_minutes),
            ),
            Try(get("/later/430"), both(status(200), fetched(_OPENID, _JWKS)), "ageing"),
            Try(get("/later/100"), both(status(200), fetched(_OPENID, _JWKS, _OPENID, _JWKS)), "ageing"),
            Try(get("/later/7199"), status(200), "ageing", Publish("the issuer is down", _down)),
            Try(bearing(), admitted(), "ageing"),
            Try(get("/later/1"), status(200), "ageing"),
            Try(bearing(), unavailable, "ageing"),
        ),
        note="They are renewed at four fifths of that time, give or take a tenth, and serve for a day, or as is said.",
    ),
    Row(
        "D-12",
        "OpenID Connect Core section 10.1.1",
        "A key that was withdrawn stops to count within the time of a renewal.",
        (
            Try(bearing(), admitted(), "withdrawn"),
            Try(
                get("/later/265"),
                status(200),
                "withdrawn",
                keys("another key instead", lambda: [public_jwk("ed")]),
            ),
            Try(bearing(), invalid_token, "withdrawn"),
            Try(bearing(ED), admitted(), "withdrawn"),
        ),
        note="Four minutes, give or take a tenth, where the issuer does not say.",
    ),
    Row(
        "D-13",
        "RFC 7517 section 4.5",
        "A token without kid fits the issuer's compatible keys, and of two keys with one kid the right one is found.",
        (
            Try(bearing(_NO_KID), admitted(), "one-compatible"),
            Try(
                bearing(),
                admitted(),
                "twin-kids",
                keys("an EC and an RSA key with one kid", lambda: [public_jwk("rsa", kid="ec"), public_jwk("ec")]),
            ),
            Try(
                bearing(_NO_KID),
                invalid_token,
                "two-compatible",
                keys("two EC keys", lambda: [public_jwk("ec"), public_jwk("other-ec")]),
            ),
        ),
        decided="Of several keys that a token without kid would fit none is tried: a wrong one is not worth a signature"
        " check, and an issuer with several keys names them.",
    ),
    Row(
        "D-14",
        "RFC 8725 section 3.10",
        "An address that came as data is not followed into other networks, nor by redirects.",
        (
            Try(
                bearing(),
                both(unavailable, fetched(_OPENID)),
                "keys-elsewhere",
                Publish("the metadata names keys at another origin", _elsewhere),
            ),
            Try(
                bearing(),
                both(unavailable, fetched(_OPENID, "/issuer/jwks")),
                "keys-redirected",
                Publish("the keys' address answers with a redirect", _redirected),
            ),
            Try(bearing(), both(unavailable, fetched(_OPENID)), "keys-in-a-file", _says(jwks_uri="file:///etc/passwd")),
        ),
        note="Keys stand at the issuer's own origin or at one that is listed, so no address has to be judged.",
    ),
    Row(
        "D-15",
        "availability",
        "Every fetch is bounded in time and size.",
        (
            Try(bearing(), unavailable, "giant-keys", Publish("the key set holds a million bytes", _giant)),
            Try(bearing(), unavailable, "impatient", Publish("the key set comes byte by byte", _dripping)),
        ),
    ),
    Row(
        "D-16",
        "availability",
        "A fetch never blocks an event loop.",
        (
            Try(
                bearing(),
                both(admitted(), field("X-Loop", "ran")),
                "slow-keys",
                Publish("the key set comes slowly", _slowly),
            ),
        ),
        note="The application counts what its loop does besides while a request waits for keys.",
    ),
)
