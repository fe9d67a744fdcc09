"""``jwt-middleware issue``: a token for your own machine, signed with a key that lies beside it."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import click
from cryptography.hazmat.primitives.asymmetric import ec

from ..errors import ConfigurationError
from ..issuing import SigningKey, SigningKeys, TokenIssuer
from ..verification.development import DEVELOPMENT_ISSUER
from .key_text import private_pem, write_private
from .mistake import Mistake

_LONGEST = 86_400  # seconds: who needs one for longer makes another


@click.command()
@click.option("--audience", required=True, help="Whom the token is for, as the service declares it.")
@click.option("--subject", default="developer", show_default=True, help="Who is calling.")
@click.option("--scope", "scopes", multiple=True, help="A scope; may be given again, like the next three.")
@click.option("--role", "roles", multiple=True, help="A role.")
@click.option("--group", "groups", multiple=True, help="A group.")
@click.option("--permission", "permissions", multiple=True, help="A permission.")
@click.option("--tenant", help="The tenant of the caller.")
@click.option("--claim", "claims", multiple=True, metavar="NAME=VALUE", help="Another claim; VALUE is JSON, or a text.")
@click.option("--client-id", default="jwt-middleware-issue", show_default=True, help="The application that asks.")
@click.option("--lifetime", type=click.IntRange(1, _LONGEST), default=3600, show_default=True, help="In seconds.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    default="development-key.pem",
    show_default=True,
    help="The file of the private key. It is made if it is not there, mode 0600, with a JWKS beside it.",
)
def issue(audience: str, key: Path, lifetime: int, client_id: str, claims: tuple[str, ...], **rights: Any) -> None:
    """Issue a development token, signed with a key on this machine.

    The token goes to standard output, and everything else to standard error. Its issuer says that it is for
    development; a guard refuses it unless its TrustedIssuer says development=True, which Django refuses where DEBUG is
    off.

    \b
      jwt-middleware issue --audience orders --scope orders:read > token.txt
    """
    try:
        signing = _signing_key(key)
        issuer = TokenIssuer(DEVELOPMENT_ISSUER, SigningKeys(signing, token_lifetime=lifetime), lifetime)
        token = issuer.access_token(
            rights.pop("subject"), audience=audience, client_id=client_id, claims=_claims(claims), **rights
        )
    except ConfigurationError as error:
        raise Mistake("\n".join(error.mistakes)) from None
    click.secho("DEVELOPMENT TOKEN: for this machine only, never for a deployment.", fg="yellow", bold=True, err=True)
    click.echo("The service takes it with\n", err=True)
    click.echo(f"    TrustedIssuer({DEVELOPMENT_ISSUER!r}, audience={audience!r}, development=True,", err=True)
    click.echo(f"                  keys=file({str(_published(key))!r}))\n", err=True)
    click.echo(token)


def _signing_key(path: Path) -> SigningKey:
    """The key in the file; a new one where nothing stands. Raises Mistake and ConfigurationError."""
    if not path.exists():
        private = ec.generate_private_key(ec.SECP256R1())
        write_private(path, private_pem(private))
        click.echo(f"made {path}, which only you can read: keep it out of version control", err=True)
        made = SigningKey(private)
        _publish(path, made)
        return made
    if os.name == "posix" and stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise Mistake(f"{path} can be read by others; say chmod 600 {path}, or make another key")
    try:
        found = SigningKey.from_pem(path.read_bytes())
    except OSError as error:
        raise Mistake(f"{path} cannot be read: {error.strerror}") from None
    _publish(path, found)
    return found


def _published(path: Path) -> Path:
    return path.with_suffix(".jwks.json")


def _publish(path: Path, key: SigningKey) -> None:
    """Write the public half for the service, unless it stands there: a service looks at what is written anew."""
    file, text = _published(path), json.dumps({"keys": [dict(key.public_jwk)]}, indent=2) + "\n"
    try:
        if not file.exists() or file.read_text("utf-8", "replace") != text:
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Mistake(f"{_published(path)} cannot be written: {error.strerror}") from None


def _claims(given: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not (name and equals):
            raise Mistake("--claim: write NAME=VALUE")
        try:
            found[name] = json.loads(value)
        except ValueError:
            found[name] = value
    return found
