"""``jwt-middleware explain``: what becomes of this token on this route, and why."""

import asyncio
import copy
import json
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console
from rich.text import Text
from rich.tree import Tree

from ..access.explanation import explained
from ..access.principal import Principal
from ..access.request import RequestInfo
from ..decisions import Verdict
from ..errors import ConfigurationError
from ..guard import Guard
from ..key_sources.static import static
from ..route_map.route import ANY_METHOD, Access, Route, RouteMap
from ..routes_of import routes_of
from ..verification.trusted_issuer import TrustedIssuer
from .app_check import guards_of
from .loading import load
from .mistake import Mistake
from .token_text import token_from

_SIGNS: Mapping[bool | None, tuple[str, str]] = {
    True: ("yes", "green"),
    False: ("no", "red"),
    None: ("unknown", "yellow"),
}


@click.command()
@click.option("--app", required=True, metavar="MODULE:APP", help="The application, as a server would import it.")
@click.option("--factory", is_flag=True, help="The app is a function that makes the application.")
@click.option("--route", required=True, help="A route as `routes` prints it: 'GET /orders/{id}'.")
@click.option(
    "--token", "file", type=click.File("r"), default="-", help="Where the token stands. [default: standard input]"
)
@click.option("--parameter", multiple=True, metavar="NAME=VALUE", help="A parameter of the route.")
@click.option(
    "--jwks", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Keys, instead of asking for them."
)
@click.option("--at", type=float, help="The moment, in seconds since the epoch. [default: now]")
def explain(
    app: str, factory: bool, route: str, file: TextIO, parameter: tuple[str, ...], jwks: Path | None, at: float | None
) -> None:
    """Say whether a caller with this token gets to a route, and why.

    The application is imported and not called. The token comes from a file or from standard input, and is never
    printed. With --jwks nothing is fetched. The exit code is 1 if the caller is refused, 2 for a mistake in the
    command.

    \b
      jwt-middleware explain --app orders:app --route "GET /orders" < token.txt
      jwt-middleware explain --app orders:app --route "GET /orders" --token token.txt --jwks keys.json --at 1800000000
    """
    try:
        made = load(app, factory=factory)
        found = _route(routes_of(made), route)
        guards = guards_of(made)
        if not guards:
            raise Mistake("nothing guards this application: no token is looked at")
        guard = _guard(guards[0], jwks, time.time if at is None else lambda: at)
        admitted, tree = _judged(guard, found, token_from(file), _parameters(parameter))
        if admitted and guards[0].not_rehearsed and found.access is not Access.UNGUARDED:
            tree.add(Text(f"not asked, and may still refuse: {', '.join(guards[0].not_rehearsed)}", "dim"))
    except ConfigurationError as error:
        raise Mistake(str(error)) from None
    Console(highlight=False, soft_wrap=True).print(tree)
    sys.exit(0 if admitted else 1)


def _judged(guard: Guard, route: Route, token: str, parameters: Mapping[str, str]) -> tuple[bool, Tree]:
    tree = Tree(Text(f"{','.join(route.methods)} {route.place}  {route.declared_at}", "bold"))
    if route.access in (Access.UNGUARDED, Access.NOBODY):
        return _end(tree, route.access is Access.UNGUARDED, f"{route.access.value}: no token is looked at")
    sent = {"authorization": [f"Bearer {token}"]}
    admission = asyncio.run(guard.admit(RequestInfo(header=lambda name: sent.get(name, []))))
    for check in admission.checks:
        tree.add(_line(check.name, check.passed))
    if admission.refusal is not None:
        return _end(tree, False, f"{admission.refusal.status} {admission.refusal.reason}: {admission.refusal.sentence}")
    tree.add(Text(_caller(admission.principal)))
    if route.requirement is None:
        return _end(tree, True, f"{route.access.value}: any genuine caller passes")
    verdict = explained(route.requirement, admission.principal, parameters)
    _grow(tree, verdict)
    if verdict.holds:
        return _end(tree, True, "the requirement is met")
    decisive = ", ".join(each.words for each in verdict.decisive)
    return _end(tree, False, f"403 requirement_not_met, because of {decisive}")


def _end(tree: Tree, admitted: bool, says: str) -> tuple[bool, Tree]:
    tree.add(Text(f"{'admitted' if admitted else 'refused'}: {says}", "bold green" if admitted else "bold red"))
    return admitted, tree


def _grow(tree: Tree, verdict: Verdict) -> None:
    branch = tree.add(_line(verdict.words, verdict.holds, verdict.seen))
    for part in verdict.parts:
        _grow(branch, part)


def _line(words: str, holds: bool | None, seen: str = "") -> Text:
    sign, colour = _SIGNS[holds]
    return Text.assemble((f"{sign}: ", colour), words, (f"  ({_printable(seen)})" if seen else "", "dim"))


def _caller(caller: Principal) -> str:
    return f"a {caller.kind} of {json.dumps(caller.issuer)}"


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)


def _route(routes: RouteMap, wanted: str) -> Route:
    method, _, place = wanted.partition(" ")
    if not place:
        raise Mistake(f"--route {wanted!r}: write a method and a path, as in 'GET /orders'")
    here = [each for each in routes.routes if each.place == place]
    for each in here:
        if method in each.methods or each.methods == ANY_METHOD:
            return each
    if here:
        raise Mistake(f"{place} takes {', '.join(name for each in here for name in each.methods)}")
    raise Mistake(f"there is no route {place}; write it as jwt-middleware routes prints it")


def _parameters(given: tuple[str, ...]) -> dict[str, str]:
    pairs = [each.partition("=") for each in given]
    if not all(name and equals for name, equals, _ in pairs):
        raise Mistake("--parameter: write NAME=VALUE")
    return {name: value for name, _, value in pairs}


def _guard(guard: Guard, jwks: Path | None, clock: Callable[[], float]) -> Guard:
    """The same trust, at another moment or with keys at hand."""
    trusted = guard.trusted if jwks is None else tuple(_with_keys(each, jwks) for each in guard.trusted)
    return guard.rehearsal(trusted, clock)


def _with_keys(trusted: TrustedIssuer, jwks: Path) -> TrustedIssuer:
    changed = copy.copy(trusted)
    for name, value in (
        ("keys", static(jwks=json.loads(jwks.read_text("utf-8")))),
        ("jwks_urls", ()),
        ("snapshot", None),
    ):
        object.__setattr__(changed, name, value)  # the very same rules: declaring them anew could lose one
    return changed
