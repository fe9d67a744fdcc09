"""What members of header and claims may say: for each name what is usual, what is odd, and what is just beside it."""

from collections.abc import Mapping
from typing import Final

from .recipe import AUDIENCE, HOUSE, LEFT_OUT, NOW, PROVIDER

_ODD: Final = ("null", "5", "true", "[]", "{}", '""', '" "', LEFT_OUT)  # for every member


def _texts(*values: str) -> tuple[str, ...]:
    return tuple(f'"{value}"' for value in values)


def _times(*seconds: float) -> tuple[str, ...]:
    """So many seconds from now, and everything that a NumericDate must not be (RFC 7519 section 2)."""
    return (
        *(f"{NOW + each:.1f}" if each % 1 else str(int(NOW + each)) for each in seconds),
        *(
            f'"{NOW + 300}"',
            f'" {NOW + 300} "',
            '"1_900_000_000"',
            '"\u0661\u0669\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0660"',
        ),
        *(f"[{NOW + 300}]", f'{{"is":{NOW + 300}}}', "true", "false", "1.9e9", "-1", "0", "-0.0"),
        *(str(2**53), str(2**53 + 1), str(-(2**53) - 1), "1e308", "1" + "0" * 400),
    )


def _chain(actors: int) -> str:
    return '{"sub":"a","act":' * (actors - 1) + '{"sub":"a"}' + "}" * (actors - 1)


HEADER: Final[Mapping[str, tuple[str, ...]]] = {
    "alg": (
        *_texts("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384"),
        *_texts(
            "ES512", "ES256K", "EdDSA", "Ed25519", "Ed448", "none", "None", "NONE", "es256", "ES256 ", "ES256,HS256"
        ),
        *('["ES256"]', '{"alg":"ES256"}', *_ODD),
    ),
    "kid": (
        *_texts("ec", "ed", "rsa", "hs", "unknown", "EC", "../../etc/passwd", "' or 1=1 --", "x" * 1024, "x" * 1025),
        *_texts("a\\r\\nSet-Cookie: a=b", 'a\\"b', "\\ud83d\\ude00", "https://evil.example/jwks"),
        *('["ec"]', '{"kid":"ec"}', *_ODD),
    ),
    "typ": (
        *_texts("at+jwt", "JWT", "jwt", "AT+JWT", "application/at+jwt", "Application/JWT", "application/jwt"),
        *_texts("dpop+jwt", "logout+jwt", "secevent+jwt", "token-introspection+jwt", "oauth-authz-req+jwt", "JOSE"),
        *_texts("application/application/jwt", "at+jwt ", "id+jwt", "application/", "JWE", "text/jwt"),
        *('["at+jwt"]', *_ODD),
    ),
    "crit": ('["exp"]', '["b64"]', '["b64","b64"]', '"b64"', '["alg"]', *_ODD),
    "b64": ("true", "false", "0", '"false"', "null"),
    "zip": ('"DEF"', "null", '"none"'),
    "enc": ('"A256GCM"', "null"),
    "cty": ('"JWT"', "5", '"at+jwt"'),
    "jwk": ('{"kty":"oct","k":"AAAA"}', "{}", '"x"'),
    "jku": ('"https://evil.example/jwks"', '"file:///etc/passwd"', "5"),
    "x5u": ('"https://evil.example/cert"',),
    "x5c": ('["AAAA"]', "5"),
    "x5t": ('"AAAA"',),
    "iss": (f'"{PROVIDER}"', '"https://evil.example"'),
    "custom": ("5", '{"a":[1]}'),
}
CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    "iss": (
        *_texts(PROVIDER, HOUSE, PROVIDER + "/", PROVIDER.upper(), PROVIDER + ".evil.example", PROVIDER[:-1], "alice"),
        *(f'["{PROVIDER}"]', f'{{"is":"{PROVIDER}"}}', *_ODD),
    ),
    "aud": (
        *_texts(AUDIENCE, "other", AUDIENCE[:-1], AUDIENCE + "s", AUDIENCE + " ", AUDIENCE.upper(), f"x {AUDIENCE}"),
        *(f'["{AUDIENCE}"]', f'["other","{AUDIENCE}"]', '["other"]', f'["{AUDIENCE}",5]', f'["{AUDIENCE}",""]'),
        *(f'["{AUDIENCE}",null]', f'[["{AUDIENCE}"]]', f'{{"{AUDIENCE}":1}}', "0", "false", *_ODD),
    ),
    "sub": (
        *_texts("bob", PROVIDER, HOUSE, "\\u0000", "a\\r\\nb", "\\ud83d\\ude00", "x" * 300),
        '["alice"]',
        "-1",
        *_ODD,
    ),
    "exp": (*_times(-31, -30.5, -30, -29.5, -29, -0.5, 0, 1, 300.5), *_ODD),
    "nbf": (*_times(-10, 0, 29, 29.5, 30, 30.5, 31, 300), *_ODD),
    "iat": (*_times(-10, 0, 29, 29.5, 30, 30.5, 31, 300), *_ODD),
    "jti": (*_texts("2", "x" * 300), '["1"]', *_ODD),
    "sid": (*_texts("session"), "7", *_ODD),
    "client_id": (*_texts("web", "alice"), "7", *_ODD),
    "scope": (
        *_texts("read", "write", "read  write", "\\tread", "readwrite", "unread", "read\\u00a0write", "x" * 300),
        *('["read"]', '["read","write x"]', '["read",5]', *_ODD),
    ),
    "roles": ('["clerk"]', '"clerk"', '[{"value":"clerk"}]', *_ODD),
    "cnf": ('{"jkt":"x"}', "{}", "null", '""'),
    "nonce": ('"n"', "null"),
    "at_hash": ('"h"',),
    "c_hash": ('"h"',),
    "s_hash": ('"h"',),
    "events": ("{}", "null"),
    "htm": ('"GET"',),
    "htu": ('"https://orders.example"',),
    "typ": _texts("Bearer", "ID", "id_token", "Refresh", "Offline", "Logout", "JWT"),
    "token_use": _texts("access", "id", "ID", "refresh"),
    "token_type": (*_texts("Bearer", "id_token", "refresh_token"), "5"),
    "type": _texts("access", "refresh", "logout_token"),
    "_claim_names": ('{"groups":"src1"}', "5"),
    "act": (
        *(
            '{"sub":"bob"}',
            '{"client_id":"web","sub":null}',
            '{"sub":"a","act":{"sub":"b"}}',
            '"bob"',
            '["bob"]',
            "null",
        ),
        *("{}", '{"sub":5}', '{"sub":""}', '{"sub":"a","iss":null}', '{"sub":"a","act":"b"}', _chain(10), _chain(11)),
    ),
    "custom": ("5", '"\\u00e4"', '{"a":[1,{"b":[]}]}', '"<script>"'),
}
