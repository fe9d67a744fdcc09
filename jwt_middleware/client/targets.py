"""Targets: which origins get a token, and by which rule; all others get nothing."""

from collections.abc import Mapping
from typing import Final

import httpx2

from ..addresses import wrong_with_url
from ..errors import ConfigurationError, TokenUnavailable
from .rules import TokenRule

Origin = tuple[str, str, int]  # scheme, host, port (RFC 6454 section 4)

_PORTS: Final = {"https": 443, "http": 80}


class Targets:
    """Rules by origin, such as ``{"https://inventory.example.com": forward_token("inventory")}``.

    A path is no boundary, for a redirect within an origin carries the header along: so there are none here. None
    instead of a rule: this origin is called, and gets no token. Raises ConfigurationError with every mistake.
    """

    def __init__(self, rules: Mapping[str, TokenRule | None], insecure: bool) -> None:
        mistakes = []
        found: dict[Origin, TokenRule | None] = {}
        if not isinstance(rules, Mapping) or not rules:
            mistakes.append("Carrier(): takes a dict from the origin of each target to its rule, and at least one")
            rules = {}
        for target, rule in rules.items():
            wrong = _wrong(target, insecure and isinstance(target, str))
            if wrong:
                mistakes.append(f"Carrier(): {target!r}: {wrong}")
                continue
            if rule is not None and not (
                callable(getattr(rule, "token", None)) and callable(getattr(rule, "renewed", None))
            ):
                mistakes.append(
                    f"Carrier(): {target!r}: its rule is forward_token(...), client_credentials(...),"
                    " exchange_token(...) or None"
                )
            origin = _origin(httpx2.URL(target))
            if origin in found:
                mistakes.append(f"Carrier(): {target!r} is named twice")
            found[origin] = rule
        if mistakes:
            raise ConfigurationError(*mistakes)
        self._rules = found

    def rule_for(self, url: httpx2.URL) -> TokenRule | None:
        """The rule of the target at this URL. Raises TokenUnavailable where it is on no list: nothing is sent then."""
        try:
            return self._rules[_origin(url)]
        except KeyError:
            raise TokenUnavailable("this target is not listed, and gets neither a request nor a token") from None


def _origin(url: httpx2.URL) -> Origin:
    return url.scheme, url.raw_host.decode("ascii").lower(), url.port or _PORTS.get(url.scheme, 0)


def _wrong(target: object, insecure: bool) -> str:
    wrong = wrong_with_url(
        target, insecure, danger="anyone on the way could read the token", instead="a target is scheme, host and port"
    )
    if wrong or not isinstance(target, str):
        return wrong or "this is no URL; write https://..."
    try:
        url = httpx2.URL(target)
    except httpx2.InvalidURL:
        return "this is no URL; write https://..."
    if url.raw_path not in (b"/", b""):
        return "a target is scheme, host and port, without a path: a redirect within an origin carries the token along"
    if url.scheme == "http" and url.port in (None, 80) and not insecure:
        return (
            "name another port than 80: when it redirects to https, HTTP clients carry the token to that other origin"
        )
    return ""
