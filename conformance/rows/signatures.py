"""Group B, first part: which algorithm may have signed."""

from base64 import urlsafe_b64decode
from typing import Final

from ..issuer import keys
from ..keys import public_jwk
from ..must import admitted, does_not_start, invalid_token
from ..request import PROTECTED, authorization, bearing, get
from ..row import Row, Try
from ..tokens import Token, base64url

RS256: Final = Token("RS256 token", key="rsa")
PS256: Final = Token("PS256 token by the RSA key", key="rsa-pss")
_ENCRYPTED: Final = base64url(b'{"alg":"dir","enc":"A128GCM"}')
_PBES2: Final = base64url(b'{"alg":"PBES2-HS256+A128KW","enc":"A128GCM","p2s":"AAAA","p2c":10000000}')


def _for_mallory(text: str) -> str:
    header, claims, signature = text.split(".")
    content = urlsafe_b64decode(claims + "=" * (-len(claims) % 4)).replace(b"alice", b"mallory")
    return f"{header}.{base64url(content)}.{signature}"


def _named(algorithm: str) -> Token:
    return Token(f"unsigned token, alg {algorithm}", header={"alg": algorithm}, key="nobody")


ROWS: Final = (
    Row(
        "B-01",
        "RFC 8725 section 3.1",
        "Only the algorithms that are configured are ever used.",
        (
            Try(bearing(), admitted(), setting="one-algorithm"),
            *(
                Try(bearing(token), invalid_token, setting="one-algorithm")
                for token in (
                    RS256,
                    Token("HS256 token", key="secret"),
                    _named("none"),
                    Token("ES256 token that says alg es256", header={"alg": "es256"}),
                    Token("ES256 token that says alg ES256 and a space", header={"alg": "ES256 "}),
                )
            ),
        ),
    ),
    Row(
        "B-02",
        "RFC 8725 section 3.1",
        "alg is compared with a list of what is allowed, letter case included.",
        tuple(Try(bearing(_named(name)), invalid_token) for name in ("nOnE", "None", "NONE", "none")),
    ),
    Row(
        "B-03",
        "RFC 8725 section 3.1",
        "What the key itself says of its algorithm must agree with the header.",
        (
            Try(bearing(RS256), admitted()),
            Try(bearing(PS256), invalid_token),
            Try(bearing(Token("ES256 token that says alg ES384", header={"alg": "ES384"})), invalid_token),
        ),
        note="The key set says alg RS256 of the RSA key.",
    ),
    Row(
        "B-04",
        "RFC 8725 section 3.1",
        "One key serves one algorithm.",
        (
            Try(
                bearing(RS256),
                admitted(),
                setting="key-without-alg",
                issuer=keys("an RSA key without alg", lambda: [public_jwk("rsa", alg=None)]),
            ),
            Try(bearing(PS256), admitted(), setting="key-without-alg"),
            Try(
                bearing(RS256),
                admitted(),
                setting="key-with-alg",
                issuer=keys("an RSA key with alg RS256", lambda: [public_jwk("rsa")]),
            ),
            Try(bearing(PS256), invalid_token, setting="key-with-alg"),
        ),
        decided="The key's alg decides where the issuer says it. Without it the key's type and the list of allowed"
        " algorithms do: binding a key to whichever algorithm came first would let a stranger's order of requests decide.",
    ),
    Row(
        "B-06",
        "RFC 8725 section 2.1, RFC 7515 section 10.6",
        "A public key is never an HMAC secret.",
        tuple(
            Try(bearing(Token(f"HS256 token keyed with the {name}", key=name)), invalid_token)
            for name in ("public key as PEM", "public key as JWK")
        ),
    ),
    Row(
        "B-07",
        "RFC 8725 section 3.2, RFC 9068 section 4",
        "An unsigned token is never taken.",
        (
            Try(bearing(Token("unsigned token, empty signature", key="nobody")), invalid_token),
            Try(bearing(Token("unsigned token, junk as signature", key="junk")), invalid_token),
            Try(
                bearing(Token("good token without its signature", text=lambda text: text.rpartition(".")[0] + ".")),
                invalid_token,
            ),
        ),
    ),
    Row(
        "B-16",
        "RFC 7515 section 5.2",
        "The signature covers the bytes that came, and nothing of a token counts before it has been verified.",
        (
            Try(bearing(Token("good token in which alice was turned into mallory", text=_for_mallory)), invalid_token),
            Try(bearing(Token("token of a stranger with the claims of alice", key="stranger")), invalid_token),
        ),
    ),
    Row(
        "B-18",
        "RFC 8725 section 3.3",
        "Encryption proves nothing: a token is signed, whatever is wrapped around it.",
        (
            Try(get(PROTECTED, authorization(f"Bearer {_ENCRYPTED}..AAAA.AAAA.AAAA")), invalid_token),
            Try(bearing(Token("signed token that says enc", header={"enc": "A128GCM"})), invalid_token),
            Try(
                bearing(
                    Token("signed token that says cty JWT", header={"cty": "JWT"}, claims_bytes=lambda _: b'"e30"')
                ),
                invalid_token,
            ),
        ),
        note="Encrypted tokens are refused altogether.",
    ),
    Row(
        "B-20",
        "RFC 8725 section 3.5, RFC 7518 section 3.2",
        "A shared secret is as long as the hash, and no password.",
        (Try(bearing(), does_not_start, setting="weak-secret"),),
    ),
    Row(
        "B-22",
        "RFC 7518 section 3.4",
        "An ECDSA signature is R and S at their full length, and no DER.",
        (Try(bearing(Token("ES256 token with its signature in DER", key="der")), invalid_token),),
    ),
    Row(
        "B-31",
        "RFC 8725 sections 3.13 and 3.15",
        "What makes a verifier compute for long (PBES2 with a huge count, a compressed body) is refused at once.",
        (
            Try(
                get(PROTECTED, authorization(f"Bearer {_PBES2}.AAAA.AAAA.AAAA.AAAA")),
                invalid_token,
            ),
            Try(bearing(Token("signed token that says zip DEF", header={"zip": "DEF"})), invalid_token),
        ),
        note="Encrypted tokens are refused altogether.",
    ),
)
