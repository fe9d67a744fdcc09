"""Group B, fourth part: which keys of a set may be used, and how keys are named."""

from functools import partial
from typing import Any, Final

from ..issuer import keys
from ..keys import public_jwk
from ..must import admitted, body, both, invalid_token
from ..request import bearing, post
from ..row import Row, Try
from ..tokens import Token

ED: Final = Token("EdDSA token", key="ed")
# RFC 7638 section 3.1 and RFC 8037 appendix A.3
_RSA_JWK: Final = (
    '{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCi'
    "FV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn"
    '1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB"%s}'
)
_OKP_JWK: Final = '{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}'


def _corrupted() -> dict[str, Any]:
    jwk = public_jwk("other-ec")
    return {**jwk, "y": ("A" if jwk["y"][0] != "A" else "B") + jwk["y"][1:]}


def _after(odd: Any) -> list[Any]:
    return [odd, public_jwk("ec")]


def _unused(words: str, jwk: Any, key: str) -> tuple[Try, Try]:
    """A set with a bad key beside a good one: tokens by the bad one are refused, those by the good one pass."""
    setting = words.replace(" ", "-")
    publish = keys(f"a good key and {words}", lambda: [jwk(), public_jwk("ec")])
    return (
        Try(bearing(Token(f"token signed with {words}", key=key)), invalid_token, setting, publish),
        Try(bearing(), admitted(), setting),
    )


ROWS: Final = (
    Row(
        "B-19",
        "RFC 8725 section 3.4",
        "Keys off their curve are not used, and the others of the set are.",
        (
            *_unused("a key with a wrong y", _corrupted, "other-ec"),
            *_unused("a key with a short x", lambda: {**public_jwk("other-ec"), "x": "AAAA"}, "other-ec"),
            *_unused(
                "a P-256 key with crv P-384",
                lambda: public_jwk("other-ec", crv="P-384", alg="ES384"),
                "other-ec",
            ),
        ),
    ),
    Row(
        "B-21",
        "RFC 7518 sections 3.3 and 3.5",
        "An RSA key that is shorter than 2048 bits is not used.",
        _unused("an RSA key of 1024 bits", lambda: public_jwk("short-rsa"), "short-rsa"),
    ),
    Row(
        "B-32",
        "RFC 9864, RFC 8725 section 3.2",
        "Ed25519 and Ed448 are known by these names; EdDSA is an old name that is tied to the key's curve.",
        (
            Try(bearing(Token("token with alg Ed25519", key="ed by its new name")), admitted()),
            Try(bearing(ED), admitted()),
            Try(bearing(Token("token with alg Ed448 by an Ed25519 key", key="ed as Ed448")), invalid_token),
            Try(
                bearing(Token("token with alg Ed25519", key="ed by its new name")),
                admitted(),
                setting="key-says-ed25519",
                issuer=keys("an Ed25519 key with alg Ed25519", lambda: [public_jwk("ed", alg="Ed25519")]),
            ),
            Try(bearing(ED), admitted(), setting="key-says-ed25519"),
        ),
        decided="EdDSA is taken as a name of Ed25519 without a switch: most providers still write it, and both names mean"
        " one algorithm. Ed448 is taken only where it is named.",
    ),
    Row(
        "B-33",
        "RFC 8037 section 3.1",
        "A key for key agreement signs nothing.",
        _unused("an OKP key with crv X25519", lambda: public_jwk("ed", crv="X25519"), "ed"),
    ),
    Row(
        "B-34",
        "RFC 7638 section 3.2, RFC 8037 appendix A.3",
        "A thumbprint is the SHA-256 of the required members alone, in order and without blanks.",
        (
            Try(
                post("/thumbprint", "application/json", (_RSA_JWK % "",)),
                both(admitted(), body(b"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")),
            ),
            Try(
                post("/thumbprint", "application/json", (_RSA_JWK % ',"alg":"RS256","kid":"2011-04-29","use":"sig"',)),
                both(admitted(), body(b"NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")),
            ),
            Try(
                post("/thumbprint", "application/json", (_OKP_JWK,)),
                both(admitted(), body(b"kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")),
            ),
        ),
        note="The published keys of both specifications; the application hands the key to the function that names keys.",
    ),
    Row(
        "B-35",
        "RFC 7517 section 5",
        "A key that cannot be understood does not spoil its set.",
        tuple(
            Try(
                bearing(),
                admitted(),
                setting=f"odd-key-{number}",
                issuer=keys(f"a good key after {words}", partial(_after, odd)),
            )
            for number, (words, odd) in enumerate(
                (
                    ("one of a kty of the future", {"kty": "AKP", "kid": "new", "alg": "ML-DSA-65", "pub": "AAAA"}),
                    ("one without kty", {"kid": "bare"}),
                    ("an RSA key without n", {"kty": "RSA", "kid": "half", "e": "AQAB"}),
                    ("an RSA key whose n is a number", {"kty": "RSA", "kid": "odd", "e": "AQAB", "n": 7}),
                    ("one whose alg is a list", {"kty": "EC", "kid": "list", "alg": ["ES256"]}),
                    ("a symmetric key without k", {"kty": "oct", "kid": "none"}),
                    ("a text", "key"),
                ),
                start=1,
            )
        ),
    ),
    Row(
        "B-36",
        "RFC 7517 sections 4.2 and 4.3",
        "A key verifies only if use and key_ops allow it.",
        (
            *_unused("a key with use enc", lambda: public_jwk("other-ec", use="enc"), "other-ec"),
            *_unused(
                "a key with key_ops deriveKey",
                lambda: public_jwk("other-ec", use=None, key_ops=["deriveKey"]),
                "other-ec",
            ),
            Try(
                bearing(),
                admitted(),
                setting="key-ops-verify",
                issuer=keys("a key with key_ops verify", lambda: [public_jwk("ec", use=None, key_ops=["verify"])]),
            ),
        ),
    ),
)
