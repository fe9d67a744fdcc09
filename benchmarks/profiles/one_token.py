"""The steps of one token: never seen, seen a moment ago, refused."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature

from jwt_middleware.errors import AuthError
from jwt_middleware.keys.key import Key
from jwt_middleware.verification.authenticator import Authenticator, Genuine
from jwt_middleware.verification.compact import read_header
from jwt_middleware.verification.json_object import parse_object
from jwt_middleware.verification.verify import look_at, verify_signature
from jwt_middleware.waiting import run

from .. import ours
from ..figures import Figure
from ..one_token.floor import once
from ..one_token.refusals import bad
from ..rounds import Work
from ..samples import FEW, KID, in_turns, token, tokens
from . import steps
from .ladder import Step, climbed, repeated, rungs

COLD: Final = {name: f"{name}, never seen" for name in ("RS256", "ES256", "EdDSA", "HS256")}
HIT: Final = "seen a moment ago"
BAD_SIGNATURE: Final = "a bad signature, RS256"
UNKNOWN_KEY: Final = "an unknown key id"
OTHER_ALGORITHM: Final = "another algorithm"


def figures(*, peers: bool) -> list[Figure]:
    if not peers:  # shown, and not gated
        return []
    cold = [figure for algorithm in COLD for figure in _cold(algorithm)]
    return [*cold, *_hit(), *_bad_signature(), *_unknown_key(), *_other_algorithm()]


def _cold(algorithm: str) -> list[Figure]:
    text = token(algorithm)
    authenticator, genuine = _met(algorithm)
    rules, keys, known = genuine.trust.issuer.rules, genuine.trust.keys, authenticator._headers  # noqa: SLF001  # the same
    unverified, values = read_header(text, rules.max_size, known), genuine.claims.values
    key, payload, now = at_hand(genuine, algorithm), unverified.payload, genuine.claims.expires_at - 60
    raw = once(algorithm, text)
    header: dict[str, Step] = {
        steps.HEADER: lambda: read_header(text, rules.max_size, known),
        steps.KEY: lambda: keys.at_hand(KID, algorithm),
    }
    judged: dict[str, Step] = {
        steps.AROUND: lambda: verify_signature(unverified, key),
        steps.BASE64: lambda: unverified.payload,
        steps.JSON: lambda: parse_object(payload),
        steps.CLAIMS: lambda: look_at(unverified, rules, now, KID, values),
    }
    works = {
        steps.SIGNATURE: repeated(raw),
        **rungs(header, after=(raw,)),
        **rungs(judged, before=tuple(header.values())),
        steps.CHECK: repeated(lambda: run(authenticator.authenticate(text))),
    }
    return climbed(COLD[algorithm], works)


def _hit() -> list[Figure]:
    guard = ours.guard(ours.trusted("RS256"))
    texts = tokens("RS256", FEW)
    for text in texts:
        ours.admitted(guard, text.decode())
    return climbed(
        HIT,
        {
            steps.VALUE: _each(texts, bytes),
            steps.HASH: _each(texts, lambda value: sha256(value).digest()),
            steps.LOOK_UP: _each(texts, guard.recall),
        },
    )


def _each(texts: Sequence[bytes], ask: Callable[[bytes], object]) -> Work:
    turns = in_turns(texts)

    def work(count: int) -> None:
        for text in turns(count):
            ask(b"Bearer " + text)

    return work


def _bad_signature() -> list[Figure]:
    text = bad()["bad signature"]
    authenticator, genuine = _met("RS256")
    keys, size, known = genuine.trust.keys, authenticator.max_size, authenticator._headers  # noqa: SLF001  # its parts
    unverified, key = read_header(text, size, known), at_hand(genuine, "RS256")
    raw = _refused(once("RS256", text), InvalidSignature)
    header: dict[str, Step] = {
        steps.HEADER: lambda: read_header(text, size, known),
        steps.KEY: lambda: keys.at_hand(KID, "RS256"),
    }
    judged = _refused(lambda: verify_signature(unverified, key), AuthError)
    works = {
        steps.SIGNATURE: repeated(once("RS256", token("RS256"))),
        steps.REFUSED: repeated(raw),
        **rungs(header, after=(raw,)),
        steps.AROUND: repeated(*header.values(), judged),
        steps.REFUSAL: repeated(_asked(authenticator, text)),
    }
    return climbed(BAD_SIGNATURE, works)


def _unknown_key() -> list[Figure]:
    text = bad()["unknown key id"]
    authenticator, genuine = _met("RS256")
    rules, now = genuine.trust.issuer.rules, genuine.claims.expires_at - 60
    unverified, values = read_header(text, rules.max_size), genuine.claims.values
    payload = unverified.payload
    looked: dict[str, Step] = {
        steps.NEW_HEADER: lambda: read_header(text, rules.max_size),
        steps.BASE64: lambda: (unverified.payload, unverified.signature),
        steps.JSON: lambda: parse_object(payload),
        steps.CLAIMS: lambda: look_at(unverified, rules, now, None, values),
    }
    refused = {steps.UNKNOWN: repeated(_asked(authenticator, text))}
    return climbed(UNKNOWN_KEY, {steps.BARE: repeated(), **rungs(looked), **refused})


def _other_algorithm() -> list[Figure]:
    text = bad()[OTHER_ALGORITHM]
    authenticator, _ = _met("RS256")
    works = {
        steps.BARE: repeated(),
        steps.NEW_HEADER: repeated(lambda: read_header(text, authenticator.max_size)),
        steps.REFUSAL: repeated(_asked(authenticator, text)),
    }
    return climbed(OTHER_ALGORITHM, works)


def _met(algorithm: str) -> tuple[Authenticator, Genuine]:
    """One that has seen a token already, and what it has found."""
    authenticator = ours.guard(ours.trusted(algorithm))._authenticator  # noqa: SLF001  # its parts are measured
    return authenticator, run(authenticator.authenticate(token(algorithm)))


def at_hand(genuine: Genuine, algorithm: str) -> Key:
    key = genuine.trust.keys.at_hand(KID, algorithm)
    if key is None:
        raise RuntimeError("the key is not there")
    return key


def _asked(authenticator: Authenticator, text: str) -> Callable[[], object]:
    return _refused(lambda: run(authenticator.authenticate(text)), AuthError)


def _refused(check: Callable[[], object], refusal: type[Exception]) -> Callable[[], object]:
    def ask() -> None:
        try:
            check()
        except refusal:
            return
        raise RuntimeError("a bad token passed")

    return ask
