"""``jwt-middleware inspect``: what a token says of itself, which nobody has verified."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TextIO

import click

from ..base64url import decode
from ..errors import InvalidToken
from ..verification.compact import read
from ..verification.json_object import parse_object
from .mistake import Mistake
from .token_text import token_from

_TIMES: Final = ("exp", "nbf", "iat", "auth_time")
_NOTHING_CHECKED: Final = (
    "NOT VERIFIED: anyone may have written this. No signature, issuer, audience or time was checked."
)


@click.command(name="inspect")
@click.option("--file", type=click.File("r"), default="-", help="Where the token stands. [default: standard input]")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--at", "now", type=float, help="Tell times from this moment, in seconds since the epoch. [default: now]")
def inspect(file: TextIO, as_json: bool, now: float | None) -> None:
    """Show what a token says of itself, without verifying anything.

    The token comes from a file or from standard input, and is never printed. Whatever is shown is a claim of whoever
    wrote the token: only a guard that holds the issuer's keys can say whether it is genuine.
    """
    token = token_from(file)
    found = _taken_apart(token, time.time() if now is None else now)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.secho(_NOTHING_CHECKED, fg="yellow", bold=True, err=False)
    for part in ("header", "claims"):
        click.echo(f"\n{part} (unverified)")
        for name, value in found[part].items():
            click.echo(f"  {json.dumps(name)}: {json.dumps(value)}")  # escaped: a terminal obeys control characters
    click.echo(f"\nsignature: {found['signature_bytes']} bytes, not looked at")
    for remark in found["remarks"]:
        click.echo(f"- {remark}")


def _taken_apart(token: str, now: float) -> dict[str, Any]:
    segments = token.split(".")
    if len(segments) == 5:
        raise Mistake("five segments: the token is encrypted (JWE), and nothing of it can be shown")
    if len(segments) != 3:
        raise Mistake(f"{len(segments)} segments; a signed token has three")
    try:
        header, claims = (_plain(parse_object(decode(each.encode("ascii")))) for each in segments[:2])
        signature = decode(segments[2].encode("ascii"))
    except (InvalidToken, ValueError):
        raise Mistake(
            "no guard would read this: header and claims are base64url without padding, each of one JSON object, no"
            " name twice"
        ) from None
    return {
        "verified": False,
        "header": header,
        "claims": claims,
        "signature_bytes": len(signature),
        "remarks": [*_of_form(token), *_of_header(header), *_of_times(claims, now), *_of_claims(claims)],
    }


def _of_form(token: str) -> Iterator[str]:
    try:
        read(token, len(token))
    except InvalidToken:
        yield "a guard refuses this header: a parameter is missing, of a wrong kind, or one that changes what is signed"


def _of_header(header: Mapping[str, Any]) -> Iterator[str]:
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        yield "alg names no signature: whoever can write can write this token, and every guard refuses it"
    elif algorithm.startswith("HS"):
        yield f"alg is {json.dumps(algorithm)}: whoever can verify such a token can also make one"
    if "kid" not in header:
        yield "no kid: the key can be told only where the issuer has one alone"


def _of_times(claims: Mapping[str, Any], now: float) -> Iterator[str]:
    for name in _TIMES:
        value = claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 253_402_300_800:
            continue
        away = round(abs(value - now))
        when = f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"
        yield f"{name} says {when}, {away} seconds {'ago' if value <= now else 'from now'}"


def _of_claims(claims: Mapping[str, Any]) -> Iterator[str]:
    for name, why in (("iss", "no guard knows whose rules hold"), ("aud", "it names nobody whom it is for")):
        if name not in claims:
            yield f"no {name}: {why}"
    if "exp" not in claims:
        yield "no exp: it would be good for ever, and every guard refuses it"


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
