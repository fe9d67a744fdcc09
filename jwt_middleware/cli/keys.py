"""``jwt-middleware keys``: make keys, turn them into other forms, name them, publish them."""

import json
from pathlib import Path
from typing import TextIO

import click

from .key_text import (
    GENERATED,
    Private,
    private_jwk,
    private_pem,
    public_jwk,
    public_pem,
    read_key,
    write_private,
)
from .mistake import Mistake

_KEY = click.argument("key", type=click.File("r"), default="-")
_PRIVATE = click.option(
    "--private", type=click.Path(path_type=Path), help="Write the private half into this new file, mode 0600."
)
_ALGORITHM = click.option("--alg", help="What the key signs with, where its kind leaves a choice (PS256).")


@click.group()
def keys() -> None:
    """Make keys, turn them into other forms, name them, publish them.

    KEY is a file with a PEM or a JWK, by default standard input. Only public halves are printed.
    """


@keys.command(short_help="Make a key, private half into a file, public half printed.")
@click.option(
    "--alg", type=click.Choice(list(GENERATED)), default="ES256", show_default=True, help="What it signs with."
)
@click.option(
    "--private", type=click.Path(path_type=Path), required=True, help="The new file for the private key, mode 0600."
)
def generate(alg: str, private: Path) -> None:
    """Make a key: the private half goes into a new file as PEM, the public half is printed as a JWK."""
    key = GENERATED[alg]()
    write_private(private, private_pem(key))
    click.echo(json.dumps(public_jwk(key, alg), indent=2))


@keys.command()
@_KEY
@_PRIVATE
def pem(key: TextIO, private: Path | None) -> None:
    """Print the public half of KEY as PEM."""
    found = read_key(key.read())
    if private is not None:
        write_private(private, private_pem(_with_private_half(found)))
    click.echo(public_pem(found), nl=False)


@keys.command()
@_KEY
@_ALGORITHM
@_PRIVATE
def jwk(key: TextIO, alg: str | None, private: Path | None) -> None:
    """Print the public half of KEY as a JWK (RFC 7517)."""
    found = read_key(key.read())
    if private is not None:
        write_private(private, json.dumps(private_jwk(_with_private_half(found), alg), indent=2) + "\n")
    click.echo(json.dumps(public_jwk(found, alg), indent=2))


@keys.command()
@_KEY
def thumbprint(key: TextIO) -> None:
    """Print the thumbprint of KEY (RFC 7638, SHA-256)."""
    click.echo(public_jwk(read_key(key.read()))["kid"])


@keys.command(short_help="Print the JWKS that publishes these keys.")
@click.argument("files", metavar="KEY...", type=click.File("r"), nargs=-1, required=True)
def jwks(files: tuple[TextIO, ...]) -> None:
    """Print the JWKS that publishes these keys: their public halves, and nothing else."""
    click.echo(json.dumps({"keys": [public_jwk(read_key(each.read())) for each in files]}, indent=2))


def _with_private_half(key: object) -> Private:
    if not isinstance(key, Private):
        raise Mistake("this key has no private half")
    return key
