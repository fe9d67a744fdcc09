"""The steps of the profiles by name, and why each of them stays."""

from types import MappingProxyType
from typing import Final

SIGNATURE: Final = "the raw signature check"
REFUSED: Final = "the raw signature check, which refuses"
HEADER: Final = "splitting, and the header from memory"
NEW_HEADER: Final = "splitting, and a header that was never seen"
KEY: Final = "finding the key"
AROUND: Final = "base64url of the signature, and PyJWT around the check"
BASE64: Final = "base64url of the claims"
JSON: Final = "JSON of the claims"
CLAIMS: Final = "times, issuer, audience, kind of token, a Claims"
CHECK: Final = "the whole check: a coroutine, whom to trust, the answer"
REFUSAL: Final = "the refusal: an exception, a coroutine"
UNKNOWN: Final = "asking whether the key may be fetched, and the refusal"
VALUE: Final = "the header's value, a new object"
HASH: Final = "SHA-256 of the header's value"
LOOK_UP: Final = "looking it up; its times, its keys"
BARE: Final = "bare"
PRICE: Final = "what the framework asks for a door that does nothing"
DEPENDENCY: Final = "what FastAPI asks for a dependency that does nothing"
NAMED: Final = "current_principal(), and the scope's user"
DOOR: Final = "the door itself"
WHOLE_CHECK: Final = "all else of the check"
ADMITTED: Final = "the token out of the request, naming the caller"
COLD_DOOR: Final = "looking for it in vain, remembering it, the door itself"

STAYS: Final = MappingProxyType(
    {
        HEADER: "bytes are split once, and a header that led to a key is never parsed again",
        NEW_HEADER: "its base64url and JSON are read as strictly as any: what is refused most is no less checked",
        KEY: "two clock reads and two look-ups, without a lock",
        AROUND: "the algorithm that judges is PyJWT's own object; binascii decodes strictly, in C",
        BASE64: "binascii, strict, in C; the decoders that are faster are packages, see above",
        JSON: "json, in C; that no name comes twice and nothing can be changed later is half of it",
        CLAIMS: "some thirty comparisons and one frozen value",
        CHECK: "one text serves sync and async callers, and it is a coroutine",
        REFUSAL: "a stable reason travels as an exception, past as few functions as there are",
        UNKNOWN: "under the lock that keeps a flood of made-up key ids from fetching",
        HASH: "so that memory holds no token that could be used; a dict of tokens would take a third of it",
        LOOK_UP: "one look at each: withdrawn, revoked and expired tokens end at once",
        PRICE: "it is the framework's",
        DEPENDENCY: "it is the framework's",
        NAMED: "a context variable, so that any code a request calls sees its caller",
        DOOR: "hangs the caller where this framework's people look, ends the visit, answers an AuthError raised inside",
        WHOLE_CHECK: "see the profile of a token that was never seen; behind a signature check all code runs cold",
        "jwt_middleware.access": "its frozen values: a dataclass is written and compiled when it is imported",
        "jwt_middleware.verification": "the same",
        "jwt_middleware.keys": "the same, and cryptography's kinds of keys",
        "jwt_middleware.observers": "the log is told by default",
        "the files that stand by themselves": "the guard, decisions, errors, and how a caller waits",
        "what is not ours": "of the standard library, that PyJWT has not loaded",
        "verification": "read, signature, claims, the answer, a place to remember: tests break each of them by itself",
        "access": "finding the token and naming the caller, for any place that a token may stand in",
        "asgi.py": "the door, what it tells of the request, and two looks at the answer",
        "keys": "which key, and how long it may serve",
        "guard.py": "where a hook or an observer would be told",
        "base64url.py": "claims, and signature",
        "PyJWT and cryptography": "theirs",
        ADMITTED: "a token may stand in several places, and two are one too many; a Principal has fifteen fields",
        COLD_DOOR: "two hashes, so that the next request finds it; and what is kept is new memory, which is cold",
        SIGNATURE: "OpenSSL's own work",
        REFUSED: "an exception of cryptography's",
    }
)
