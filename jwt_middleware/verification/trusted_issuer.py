"""TrustedIssuer: the declaration of one issuer that we trust."""

import logging
import os
import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from ..durations import seconds
from ..errors import ConfigurationError
from ..events import event
from ..keys.freshness import Freshness
from ..keys.key_cache import KeySource
from . import declared
from .development import WARNING, DevelopmentIssuerWarning, is_of_development
from .kinds import TYPES, Kinds, Profile
from .mapping import ClaimMapping
from .rules import REQUIRED_CLAIMS, TokenRules

_LARGEST_LEEWAY: Final = 300.0  # seconds
_log: Final = logging.getLogger("jwt_middleware")


@dataclass(frozen=True, slots=True, init=False)
class TrustedIssuer:
    """Whom we trust to sign, and what we demand of the tokens. Checked when built; there is no "off".

    ``issuer`` is compared with ``iss`` code point for code point; a dict gives several spellings, from what ``iss``
    says to the issuer that it means, None where tokens carry no ``iss`` and the key alone tells who signed.
    ``audience``: a token must be meant for one of these; a dict ``{claim: audiences}`` names the claim that stands in
    where an issuer writes no ``aud``, and a token that has ``aud`` all the same must name us there as well.

    ``keys``: where the issuer's keys live, or ``jwks_url``: one URL or several; neither means discovery at the issuer.
    ``key_issuers``: what its keys may say of their own issuer, where one key set serves many. ``algorithms``: by
    default every asymmetric one of the usual strength; with shared secrets HS256, HS384 and HS512, and nothing else.

    ``profile="rfc9068"`` demands all of RFC 9068, the default takes ordinary access tokens. ``kind_claim``: the claim
    in which this issuer names the kind of a token, and what it says in access tokens. ``accept_id_tokens``: for issuers
    whose callers really send ID tokens. ``required_claims``: each must be there, of a set one. ``claim_values``: what
    claims may say, None where a claim may be absent. ``tenants``: the only ones whose callers are taken. ``mapping``
    says where roles, tenant and the like stand.

    Durations are in seconds or a timedelta: ``leeway`` is what a clock may differ (at most 300), ``max_age`` how long
    after ``iat`` a token is taken. ``max_size`` is in bytes. ``freshness``: how the keys are kept fresh. ``snapshot``:
    the path of a file that keeps the last good keys, for keys that come from a URL or by discovery.

    ``development``: says that the issuer of ``jwt-middleware issue`` is meant, which is trusted in no other way. It is
    warned of in the log and by ``DevelopmentIssuerWarning``. Raises ConfigurationError with every mistake.
    """

    rules: TokenRules
    keys: KeySource | None
    jwks_urls: tuple[str, ...]
    mapping: ClaimMapping = field(repr=False, hash=False)
    freshness: Freshness = field(repr=False)
    snapshot: str | None

    def __init__(
        self,
        issuer: declared.Issuer,
        *,
        audience: declared.Audience,
        keys: KeySource | None = None,
        jwks_url: str | Iterable[str] = (),
        key_issuers: declared.KeyIssuers | None = None,
        algorithms: Iterable[str] | None = None,
        leeway: float | timedelta = 30.0,  # seconds, at most 300
        profile: Profile = "access-token",
        kind_claim: tuple[str, str] | None = None,
        accept_id_tokens: bool = False,
        mapping: ClaimMapping = ClaimMapping(),  # noqa: B008  # a frozen value
        required_claims: declared.Required = (),
        claim_values: declared.ClaimValues = MappingProxyType({}),
        tenants: str | Iterable[str] | None = None,
        max_age: float | timedelta | None = None,  # seconds from iat
        max_size: int = 16_384,  # bytes
        freshness: Freshness = Freshness(),  # noqa: B008  # a frozen value
        snapshot: str | os.PathLike[str] | None = None,
        development: bool = False,
    ) -> None:
        mistakes: list[str] = []
        where = f"TrustedIssuer({issuer!r})"

        def note(mistake: str) -> None:
            mistakes.append(f"{where}: {mistake}")

        issuers = declared.issuers(issuer, note)
        audience_claim, audiences = declared.audience(audience, note)
        urls = tuple(sorted(declared.texts(jwks_url, "jwks_url", note)))
        if keys is not None and urls:
            note("keys and jwks_url both say where the keys live; keep one")
        if keys is None and not urls:
            declared.discoverable(issuers, note)
        chosen = declared.algorithms(algorithms, keys is not None and keys.symmetric, note)
        required = declared.required(required_claims, note)
        values = declared.claim_values(claim_values, note)
        served = None if tenants is None else declared.texts(tenants, "tenants", note)
        if served is not None and not served:
            note("tenants is empty, so nobody would be served; name tenants, or leave it out")
        allowed = seconds(leeway)
        if allowed is None or not 0 <= allowed <= _LARGEST_LEEWAY:
            note(f"leeway is {leeway!r}; write 0 to {_LARGEST_LEEWAY:.0f} seconds")
        age = None if max_age is None else seconds(max_age)
        if max_age is not None and (age is None or age <= 0):
            note(f"max_age is {max_age!r}; write a number of seconds above 0, or None")
        if isinstance(max_size, bool) or not isinstance(max_size, int) or not 256 <= max_size <= 1_048_576:
            note(f"max_size is {max_size!r}; write 256 to 1048576 bytes")
        if not isinstance(mapping, ClaimMapping):
            note(f"mapping is {type(mapping).__name__}; hand in a ClaimMapping")
        elif served is not None and mapping.tenant is None:
            note("tenants are named, but the mapping does not say where the tenant stands")
        if not isinstance(profile, str) or profile not in TYPES:
            note(f"profile is {profile!r}; write one of {', '.join(map(repr, TYPES))}")
        elif profile == "rfc9068" and (None in issuers or audience_claim != "aud" or accept_id_tokens):
            note("profile is 'rfc9068', which knows no tokens without iss or aud, and no ID tokens")
        if kind_claim is not None and not (
            isinstance(kind_claim, tuple) and len(kind_claim) == 2 and all(isinstance(each, str) for each in kind_claim)
        ):
            note(f"kind_claim is {kind_claim!r}; write a claim and what it says, such as ('token_use', 'access')")
        key_rules = declared.key_issuers(key_issuers, issuers, note)
        if not isinstance(freshness, Freshness):
            note(f"freshness is {type(freshness).__name__}; hand in a Freshness")
        path = declared.snapshot(snapshot, keys is None or hasattr(keys, "may_be_at"), note)
        of_development = is_of_development((*issuers, *issuers.values()))
        if of_development is not development:
            note(
                "this is the issuer of development tokens, whose key lies on a developer's disk; on your own machine,"
                " and nowhere else, say development=True"
                if of_development
                else f"development is {development!r}; say True for the issuer of jwt-middleware issue alone"
            )
        if mistakes:
            raise ConfigurationError(*mistakes)
        if of_development:
            _log.warning("%s", WARNING, extra=event("development_issuer"))
            warnings.warn(WARNING, DevelopmentIssuerWarning, stacklevel=2)
        always = ((audience_claim,),) if None in issuers else (("iss",), (audience_claim,))
        rules = TokenRules(
            issuers=issuers,
            audience=audiences,
            audience_claim=audience_claim,
            algorithms=chosen,
            kinds=Kinds(types=TYPES[profile], named_by=kind_claim, id_tokens=accept_id_tokens),
            required_claims=tuple(dict.fromkeys((*always, *((name,) for name in REQUIRED_CLAIMS[profile]), *required))),
            claim_values=values,
            tenants=served,
            key_issuers=key_rules,
            max_age=age,
            max_size=max_size,
            leeway=allowed or 0.0,
        )
        object.__setattr__(self, "rules", rules)
        object.__setattr__(self, "keys", keys)
        object.__setattr__(self, "jwks_urls", urls)
        object.__setattr__(self, "mapping", mapping)
        object.__setattr__(self, "freshness", freshness)
        object.__setattr__(self, "snapshot", path)

    @property
    def issuer(self) -> str:
        """The issuer, or the first where several share these rules."""
        return self.rules.issuer

    @property
    def is_development(self) -> bool:
        """Whether its tokens are development tokens, which a developer makes without asking anybody."""
        return is_of_development((*self.rules.issuers, *self.rules.issuers.values()))
