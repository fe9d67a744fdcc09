"""Keys in a file that is rewritten while it is read."""

import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest

from jwt_middleware import Freshness, Guard, TrustedIssuer
from jwt_middleware.issuing import SigningKey, jwks_document
from jwt_middleware.key_sources.file import file

from .callers import Answer, refused, settle
from .conftest import Ask, Figure
from .issuers import AUDIENCE, Clock, Issuer, segment_of


def in_place(path: Path, content: bytes) -> None:
    """As a careless program writes: in pieces, over what is there."""
    with open(path, "r+b", buffering=0) as opened:
        opened.truncate(0)
        opened.writelines(content[start : start + 64] for start in range(0, len(content), 64))


def renamed(path: Path, content: bytes) -> None:
    """As a careful program writes."""
    beside = path.with_suffix(".new")
    beside.write_bytes(content)
    os.replace(beside, path)


def test_shared_secrets_rotate_in_three_steps_and_refuse_nobody(
    ask: Ask, clock: Clock, figure: Figure, tmp_path: Path
) -> None:
    """The next one is added; then it signs, and those of the current one are still about; then the previous one goes."""
    made = {name: secrets.token_bytes(64) for name in ("2026-10", "2026-11")}
    path, signers = tmp_path / "shared.json", {name: signer(name, secret) for name, secret in made.items()}

    def publish(*names: str) -> None:
        members = [{"kty": "oct", "kid": name, "k": segment_of(made[name])} for name in names]
        renamed(path, json.dumps({"keys": members}).encode())

    publish("2026-10")
    asked = ask(Guard(shared(path), observers=[], monotonic=clock))
    answers: list[Answer] = []
    for published, signing in (
        (["2026-10"], ["2026-10"]),
        (["2026-10", "2026-11"], ["2026-10"]),
        (["2026-11", "2026-10"], ["2026-11", "2026-10"]),  # at once, nobody waits for the next look
        (["2026-11"], ["2026-11"]),
    ):
        publish(*published)
        for _ in range(20):
            answers += asked(*[signers[name]() for name in signing * 5])
        settle(asked.guard)
        clock.now += 5
    figure(f"of {len(answers)} requests, refused", refused(answers), limit=0)
    asked(signers["2026-11"]())  # it has looked
    settle(asked.guard)
    late = asked(signers["2026-10"]())
    figure("answers other than 401 to the secret that was taken away", sum(a.status != 401 for a in late), limit=0)


def shared(path: Path) -> TrustedIssuer:
    return TrustedIssuer("https://ours.example", audience=AUDIENCE, keys=file(path, secret=True))


def signer(kid: str, secret: bytes) -> Callable[[], str]:
    def token() -> str:
        now = int(time.time())
        claims = {"iss": "https://ours.example", "sub": "alice", "aud": AUDIENCE, "iat": now, "exp": now + 3600}
        claims |= {"client_id": "drills", "jti": secrets.token_hex(8)}
        return jwt.encode(claims, secret, "HS256", headers={"kid": kid, "typ": "at+jwt"})

    return token


@pytest.mark.parametrize("write", [in_place, renamed])
def test_a_file_that_is_rewritten_while_it_is_read_refuses_nobody(
    write: Callable[[Path, bytes], None], issuer: Issuer, ask: Ask, clock: Clock, figure: Figure, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps(jwks_document(issuer.keys)))
    trusted = TrustedIssuer(issuer.url, audience=AUDIENCE, keys=file(path), freshness=Freshness(longest_pause=5))
    asked = ask(Guard(trusted, observers=[], monotonic=clock))
    over, written = threading.Event(), 0

    def rewrite() -> None:
        nonlocal written
        while not over.is_set():
            write(path, json.dumps(jwks_document(issuer.keys), indent=written % 3).encode())
            written += 1

    writer = threading.Thread(target=rewrite)
    writer.start()
    answers: list[Answer] = []
    try:
        while written < 300 or len(answers) < 600:
            answers += asked(issuer.token(), issuer.token())
            settle(asked.guard)
            clock.now += 5
    finally:
        over.set()
        writer.join()
    figure(f"of {len(answers)} requests, refused", refused(answers), limit=0)
    issuer.keys.publish(SigningKey.generate("EdDSA"))
    issuer.rotate()
    write(path, json.dumps(jwks_document(issuer.keys)).encode())
    clock.now += 5
    assert refused(asked(issuer.token())) == 0
