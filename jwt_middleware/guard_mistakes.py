"""What is wrong with the declarations that a Guard is built from, all of it at once, and how to mend it."""

import re
from collections.abc import Sequence
from inspect import iscoroutinefunction
from typing import Final

from .access.hooks import Enrich, OnAdmitted, OnRefused
from .access.refusal_body import RefusalBody
from .access.token_cookie import TokenInCookie
from .access.token_location import (
    TokenInHeader,
    TokenInQuery,
    TokenInWebSocketProtocol,
    TokenLocation,
    authorization_header,
)
from .decisions import Observer
from .errors import ConfigurationError
from .verification.trusted_issuer import TrustedIssuer
from .verification.trusts import Resolver
from .watching import Watcher

_LEGAL_REALM: Final = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]+")  # RFC 6750 section 3
_LEGAL_URI: Final = re.compile(r"https?://(?:[A-Za-z0-9._~:/?\[\]@!$&'()*+,;=%-]|\{code\})+")  # RFC 3986, no fragment


def refuse_mistakes(
    trusted: Sequence[TrustedIssuer],
    resolver: Resolver | None,
    max_resolved: int,
    token_from: Sequence[TokenLocation],
    realm: str | None,
    error_uri: str | None,
    refusal_body: RefusalBody,
    explain_refusals: bool,
) -> None:
    """Raise ConfigurationError with every mistake."""
    mistakes = []
    if not trusted and resolver is None:
        mistakes.append("Guard(): name at least one TrustedIssuer")
    strangers = [type(each).__name__ for each in trusted if not isinstance(each, TrustedIssuer)]
    if strangers:
        mistakes.append(f"Guard(): takes TrustedIssuer objects, not {', '.join(strangers)}")
    named = [said for each in trusted if isinstance(each, TrustedIssuer) for said in each.rules.issuers]
    for said in sorted({str(each) for each in named if named.count(each) > 1}):
        mistakes.append(f"Guard(): {said!r} is trusted twice; make it one TrustedIssuer with every audience")
    if resolver is not None and not callable(resolver):
        mistakes.append("Guard(resolver=...): takes a function from an issuer to a TrustedIssuer or None")
    if isinstance(max_resolved, bool) or not isinstance(max_resolved, int) or max_resolved < 1:
        mistakes.append(f"Guard(max_resolved={max_resolved!r}): write how many issuers are kept, 1 or more")
    if not trusted and resolver is not None and realm is None:
        mistakes.append("Guard(realm=...): say one, such as your audience, where every issuer comes from a resolver")
    snapshots = [each.snapshot for each in trusted if isinstance(each, TrustedIssuer) and each.snapshot]
    for path in sorted({each for each in snapshots if snapshots.count(each) > 1}):
        mistakes.append(f"Guard(): two issuers have the snapshot {path!r}; give each a file of its own")
    if not isinstance(token_from, Sequence) or not token_from or not all(callable(each) for each in token_from):
        mistakes.append(
            "Guard(token_from=...): takes a list of places, such as [authorization_header, token_in_cookie(...)]"
        )
    elif authorization_header in token_from[1:]:
        mistakes.append("Guard(token_from=...): authorization_header comes first: where it is present, only it counts")
    elif _header_after_others(token_from):
        mistakes.append(
            "Guard(token_from=...): headers come before cookies, protocols and queries: where one is present, only it"
            " counts"
        )
    shown = realm if realm is not None else min(trusted[0].rules.audience) if named and not strangers else "ok"
    if not _LEGAL_REALM.fullmatch(shown):
        mistakes.append(f"Guard(realm={shown!r}): a realm is plain ASCII without quotes or backslashes; choose one")
    if error_uri is not None and not (isinstance(error_uri, str) and _LEGAL_URI.fullmatch(error_uri)):
        mistakes.append(
            f"Guard(error_uri={error_uri!r}): write the URL of a page, such as 'https://docs.example.com/errors/{{code}}'"
        )
    if not callable(refusal_body):
        mistakes.append("Guard(refusal_body=...): takes a function such as problem_json, detail_and_code or plain_text")
    if not isinstance(explain_refusals, bool):
        mistakes.append(f"Guard(explain_refusals={explain_refusals!r}): write True or False")
    if mistakes:
        raise ConfigurationError(*mistakes)


def refuse_wrong_hooks(
    observers: Sequence[Observer], enrich: Enrich | None, on_admitted: OnAdmitted | None, on_refused: OnRefused | None
) -> None:
    """Raise ConfigurationError with every mistake in what the guard tells and asks."""
    mistakes = []
    if sum(isinstance(each, Watcher) for each in observers) > 1:
        mistakes.append("Guard(observers=...): two of them measure, and each would slow the other; keep one")
    if enrich is not None and not callable(enrich):
        mistakes.append("Guard(enrich=...): takes a function from a Principal to a Principal")
    for name, hook in {"on_admitted": on_admitted, "on_refused": on_refused}.items():
        if hook is not None and (not callable(hook) or iscoroutinefunction(hook)):
            mistakes.append(f"Guard({name}=...): takes a plain function; what waits belongs beside the request")
    if mistakes:
        raise ConfigurationError(*mistakes)


def _header_after_others(token_from: Sequence[TokenLocation]) -> bool:
    others = (TokenInCookie, TokenInWebSocketProtocol, TokenInQuery)
    first = next((place for place, each in enumerate(token_from) if isinstance(each, others)), len(token_from))
    return any(isinstance(each, TokenInHeader) for each in token_from[first:])
