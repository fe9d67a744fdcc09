"""``jwt-middleware doctor``: is the issuer fit, and is the application put together well?"""

import asyncio
import json
import sys
from collections.abc import Iterator
from typing import Any, TextIO

import click

from ..doctor.finding import Finding, worst
from ..doctor.issuer_check import IssuerCheck, findings_of
from ..doctor.sample_check import sample_findings
from ..errors import ConfigurationError
from ..guard import Guard
from ..key_sources.static import static
from ..verification.trusted_issuer import TrustedIssuer
from ..web import certificates
from .app_check import app_findings, guards_of
from .loading import load
from .mistake import Mistake
from .token_text import token_from

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}


@click.command(short_help="Test a live issuer, or an application and its issuers.")
@click.argument("issuer", required=False)
@click.option("--audience", help="What tokens for the service carry in aud.")
@click.option("--app", metavar="MODULE:APP", help="Instead of an issuer: an application whose issuers are asked.")
@click.option("--factory", is_flag=True, help="The app is a function that makes the application.")
@click.option("--sample", type=click.File("r"), help="A file with a token (- is standard input): what becomes of it?")
@click.option(
    "--ca-file",
    type=click.Path(exists=True, dir_okay=False),
    help="With ISSUER: certificates to trust instead of the system's. An app names its own.",
)
@click.option("--strict", is_flag=True, help="Warnings fail, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(
    issuer: str | None,
    audience: str | None,
    app: str | None,
    factory: bool,
    sample: TextIO | None,
    ca_file: str | None,
    strict: bool,
    as_json: bool,
) -> None:
    """Test a live issuer, or an application and the issuers that it trusts.

    Asks the issuer for its metadata and keys, once each. The exit code is 1 if anything is wrong, 2 for a mistake in
    the command.

    \b
      jwt-middleware doctor https://idp.example.com --audience orders --sample token.txt
      jwt-middleware doctor --app orders:app --strict --json
    """
    if (issuer is None) == (app is None) or (issuer is not None and audience is None):
        raise click.UsageError("write ISSUER --audience AUDIENCE, or --app module:app")
    token = None if sample is None else token_from(sample)
    try:
        if app is not None:
            found = list(_of_app(load(app, factory=factory), token))
        else:
            found = list(_of_issuer(str(issuer), str(audience), ca_file, token))
    except ConfigurationError as error:
        found = [Finding("error", "configuration", each, "mend the declaration") for each in error.mistakes]
    _print(found, as_json=as_json)
    sys.exit(1 if worst(found) == "error" or (strict and worst(found) == "warning") else 0)


def _of_issuer(issuer: str, audience: str, ca_file: str | None, token: str | None) -> Iterator[Finding]:
    try:
        check = IssuerCheck(certificates(ca_file, needed=True))
    except ValueError as error:
        raise Mistake(f"--ca-file {ca_file}: {error}") from None
    check.issuer(issuer)
    yield from check.findings
    if token is not None and check.document is not None:
        trusted = TrustedIssuer(issuer, audience=audience, keys=static(jwks=check.document))
        yield from sample_findings(Guard(trusted, observers=[]), token)


def _of_app(app: Any, token: str | None) -> Iterator[Finding]:
    yield from app_findings(app)
    guards = guards_of(app)
    for trusted in dict.fromkeys(each for guard in guards for each in guard.trusted):
        yield from findings_of(trusted)
    if token is not None and guards:
        yield from sample_findings(guards[0], token, asyncio.run)


def _print(found: list[Finding], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"worst": worst(found), "findings": [each.as_json() for each in found]}, indent=2))
        return
    for each in found:
        said = click.style(f"{each.severity:8}", fg=_COLOURS[each.severity])
        click.echo(f"{said} {each.code}: {_printable(each.says)}")
        if each.mend:
            click.echo(f"{'':8} mend: {_printable(each.mend)}")


def _printable(text: str) -> str:
    """What an issuer says goes to a terminal, which obeys control characters."""
    return "".join(each if each.isprintable() else "?" for each in text)
