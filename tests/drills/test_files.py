"""Keys in a file that is rewritten while it is read."""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jwt_middleware import Freshness, Guard, TrustedIssuer
from jwt_middleware.issuing import SigningKey, jwks_document
from jwt_middleware.key_sources.file import file

from .callers import Answer, refused, settle
from .conftest import Ask, Figure
from .issuers import AUDIENCE, Clock, Issuer


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
