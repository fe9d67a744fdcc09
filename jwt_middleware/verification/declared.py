"""From what a developer declared to rules: each part, and every mistake in it with how to mend it."""

import os
from collections.abc import Callable, Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from .mapping import Reference, is_reference
from .rules import ASYMMETRIC, DEFAULT_ALGORITHMS, SYMMETRIC, Value

Note = Callable[[str], None]  # of a mistake

Issuer = str | Mapping[str, str] | Mapping[str | None, str]
Audience = str | Iterable[str] | Mapping[Reference, str | Iterable[str]]
Required = Iterable[Reference | AbstractSet[Reference]]
ClaimValues = Mapping[Reference, Value | Collection[Value]]
KeyIssuers = Mapping[str, Collection[str | None]]

_UNREADABLE: Final = frozenset({""})  # stands for what was noted already


def issuers(issuer: Issuer, note: Note) -> Mapping[str | None, str]:
    """From what ``iss`` says to the issuer that it means."""
    named: dict[str | None, str] = {}
    if isinstance(issuer, Mapping):
        named.update(issuer)
    elif isinstance(issuer, str):
        named[issuer] = issuer
    if not named or not all(_is_name(means) and (said is None or _is_name(said)) for said, means in named.items()):
        note(
            "issuer is what tokens carry in iss, a text without blanks around it; or a dict from each such text (None"
            " where tokens carry no iss) to the issuer that it means"
        )
    return MappingProxyType(named)


def discoverable(named: Mapping[str | None, str], note: Note) -> None:
    """Keys can be found at the one issuer that is named, and nowhere else."""
    said = next(iter(named), "")
    if said is not None and not _is_name(said):
        return  # noted already
    try:
        parts = urlsplit(said or "")
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.query and not parts.fragment
    except ValueError:
        usable = False
    if len(named) > 1 or not usable:
        note("keys cannot be discovered there; write the issuer's https URL, or hand in keys= or jwks_url=")


def audience(given: Audience, note: Note) -> tuple[Reference, frozenset[str]]:
    """The claim in which the audience stands, and the audiences that are ours."""
    claim: Reference = "aud"
    if isinstance(given, Mapping):
        if len(given) != 1 or not is_reference(next(iter(given))):
            note("audience is a dict; name the one claim that stands in for aud, and what it says for this service")
            return claim, _UNREADABLE
        claim, given = next(iter(given.items()))
    found = texts(given, "audience", note)
    if not found:
        note("audience is empty; name the audience that tokens for this service carry in aud")
    return claim, found


def algorithms(names: Iterable[str] | None, symmetric: bool, note: Note) -> frozenset[str]:
    """The algorithms that are named, or those that are taken by default."""
    allowed = SYMMETRIC if symmetric else ASYMMETRIC
    if names is None:
        return frozenset(SYMMETRIC if symmetric else DEFAULT_ALGORITHMS)
    chosen = texts(names, "algorithms", note, one_is_a_mistake=True)
    if not chosen:
        note(f"algorithms is empty; leave it out for the default, or name some of {', '.join(allowed)}")
    for name in sorted(chosen - set(allowed) - _UNREADABLE):
        known = name in SYMMETRIC or name in ASYMMETRIC
        why = ("a shared secret" if symmetric else "public keys") + " cannot verify it" if known else "it is not known"
        note(f"algorithms names {name!r}, but {why}; choose from {', '.join(allowed)}")
    return chosen


def required(given: Required, note: Note) -> tuple[tuple[Reference, ...], ...]:
    """Groups of claims, of each of which one must be there."""
    listed = isinstance(given, Iterable) and not isinstance(given, str | Mapping)
    groups = [
        sorted(each, key=str) if isinstance(each, set | frozenset) else [each] for each in (given if listed else ())
    ]
    if not listed or not all(group and all(map(is_reference, group)) for group in groups):
        note(f"required_claims is {given!r}; write a list of claims, with a set where one of several must be there")
    return tuple(tuple(group) for group in groups)


def claim_values(given: ClaimValues, note: Note) -> Mapping[Reference, tuple[Value, ...]]:
    """From a claim to all that it may say."""
    found: dict[Reference, tuple[Value, ...]] = {}
    for reference, value in given.items() if isinstance(given, Mapping) else [("", None)]:
        values = (value,) if isinstance(value, str) or not isinstance(value, Collection) else tuple(value)
        if not is_reference(reference) or not values or not all(isinstance(each, str | int | None) for each in values):
            note(
                "claim_values is a dict from claims to what each may say: texts, whole numbers, True or False, or a"
                " list of these; None where the claim may be absent"
            )
        found[reference] = values
    return MappingProxyType(found)


def key_issuers(
    given: KeyIssuers | None, named: Mapping[str | None, str], note: Note
) -> Mapping[str | None, frozenset[str | None]] | None:
    """From what ``iss`` says to what a key may say of its own issuer."""
    if given is None:
        return None
    if (
        not isinstance(given, Mapping)
        or set(given) != set(named)
        or not all(isinstance(each, list | tuple | set | frozenset) for each in given.values())
    ):
        note("key_issuers names each issuer, with a list of what its keys may say in issuer, None for nothing")
        return None
    return MappingProxyType({said: frozenset(each) for said, each in given.items()})


def texts(given: str | Iterable[str], what: str, note: Note, *, one_is_a_mistake: bool = False) -> frozenset[str]:
    """One text or several."""
    if isinstance(given, str) and not one_is_a_mistake:
        return frozenset({given} if given else ())
    found = list(given) if isinstance(given, Iterable) else [None]
    if isinstance(given, str) or not all(isinstance(each, str) and each for each in found):
        note(f"{what} is {given!r}; write a list of texts")
        return _UNREADABLE
    return frozenset(str(each) for each in found)


def snapshot(path: str | os.PathLike[str] | None, fetched: bool, note: Note) -> str | None:
    """The path of a file, for keys that are ``fetched`` from a URL."""
    if path is None:
        return None
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else ""
    if not isinstance(text, str) or not text:
        note("snapshot takes the path of a file")
        return None
    if not fetched:
        note("snapshot is for keys that come from a URL; leave it out")
    return text


def _is_name(text: object) -> bool:
    return isinstance(text, str) and text != "" and text == text.strip()
