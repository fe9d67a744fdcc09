"""Is this issuer fit to be trusted as it stands? Asked of the live issuer: metadata, keys, clock, cache headers."""

import json
import ssl
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from ..addresses import metadata_urls, origin, wrong_with_url
from ..key_sources.discovery import Discovery
from ..key_sources.jwks_url import JWKSURL
from ..keys.key_set import key_set_from_jwks
from ..verification.rules import DEFAULT_ALGORITHMS
from ..verification.trusted_issuer import TrustedIssuer
from ..web import certificates
from .asking import Answer, Unreachable, ask
from .finding import Finding, worst
from .key_check import cache_finding, published_findings, usable_findings
from .tls import tls_findings

Origin = tuple[str, str, int | None]

_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})

_SKEW_WARNS, _SKEW_FAILS = 5.0, 30.0  # seconds


class IssuerCheck:
    """Collects ``findings``; ``document`` is the JWKS that was read, for a sample token to be verified with.

    ``tls``: whose certificates are trusted. ``headers`` are sent along. ``algorithms``: those that are taken.
    """

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        headers: Mapping[str, str] = _NOTHING,
        algorithms: Collection[str] = DEFAULT_ALGORITHMS,
        insecure: bool = False,
    ) -> None:
        self._tls = certificates(None, needed=True) if tls is None else tls
        self._headers = headers
        self._algorithms_taken = frozenset(algorithms)
        self._insecure = insecure
        self._greeted: dict[str, bool] = {}  # origin: is its TLS fit
        self._clock_seen = False
        self.findings: list[Finding] = []
        self.document: Mapping[str, Any] | None = None

    def issuer(self, issuer: str, origins: Collection[Origin] = ()) -> None:
        """Everything from discovery on. ``origins``: where else the keys may stand."""
        wrong = wrong_with_url(issuer, self._insecure)
        if wrong:
            self._note("error", "issuer_url", f"{issuer!r}: {wrong}", "name the issuer as tokens carry it in iss")
            return
        metadata = self._metadata(issuer)
        if metadata is None:
            return
        self._algorithms(metadata)
        url = metadata.get("jwks_uri")
        wrong = wrong_with_url(url, self._insecure)
        if wrong or not isinstance(url, str):
            self._note("error", "jwks_uri", f"the metadata names no good jwks_uri: {wrong}", "mend it at the issuer")
            return
        if origin(url) not in (origin(issuer), *origins):
            parts = urlsplit(url)
            host = f"{parts.scheme}://{parts.netloc}"
            mend = f"if that is right, declare keys=discovery({issuer!r}, jwks_origins=[{host!r}])"
            self._note("error", "jwks_origin", f"the keys stand at another origin, {host}: guards refuse them", mend)
        self.keys([url])

    def keys(self, urls: Sequence[str]) -> None:
        """A JWKS at each URL."""
        for url in urls:
            answer = self._answer(url, "jwks")
            if answer is None:
                continue
            try:
                document, found = json.loads(answer.body), key_set_from_jwks(answer.body, max_keys=5_000)
            except (ValueError, RecursionError) as error:
                self._note("error", "jwks_malformed", f"{url}: {error}", "publish a JWKS (RFC 7517)")
                continue
            self.document = document
            self._clock(answer)
            self.findings.append(cache_finding(url, answer.cache_control))
            self.findings += published_findings(document["keys"])
            self.findings += usable_findings(url, found, self._algorithms_taken)

    def _metadata(self, issuer: str) -> Mapping[str, Any] | None:
        for url in metadata_urls(issuer):
            answer = self._answer(url, "metadata", missing_is_fine=True)
            if answer is None:
                if self.findings:
                    return None
                continue
            try:
                metadata = json.loads(answer.body)
            except (ValueError, RecursionError):
                metadata = None
            if not isinstance(metadata, dict):
                self._note("error", "metadata_malformed", f"{url} holds no JSON object", "mend it at the issuer")
                return None
            said = metadata.get("issuer")
            if said != issuer:
                shown = json.dumps(said)[:300]
                mend = f"declare the issuer as it names itself, {shown}: a trailing slash matters"
                self._note("error", "issuer_mismatch", f"{url} names the issuer {shown}", mend)
                return None
            self._note("ok", "metadata", f"{url} is of this issuer")
            self._clock(answer)
            return metadata
        mend = "declare jwks_url=..., if the issuer publishes only keys"
        self._note("error", "metadata_missing", "the issuer publishes no metadata at its well-known paths", mend)
        return None

    def _answer(self, url: str, what: str, *, missing_is_fine: bool = False) -> Answer | None:
        if not self._is_greeted(url):
            return None
        try:
            answer = ask(url, self._tls, self._headers)
        except Unreachable as error:
            mend = "look at names, routes and certificates from where the service runs; requests are answered 503 now"
            self._note("error", f"{what}_unreachable", f"{url}: {error}", mend)
            return None
        if answer.status == 200:
            return answer
        if 300 <= answer.status < 400:
            says = f"{url} redirects to {answer.location or 'nowhere'}, and guards follow no redirect"
            self._note("error", f"{what}_redirect", says, "name the place itself")
        elif not missing_is_fine or answer.status not in (400, 404, 405, 410):
            self._note("error", f"{what}_status", f"{url} answers {answer.status}", "mend it at the issuer")
        return None

    def _is_greeted(self, url: str) -> bool:
        """Whether TLS is fit to ask there; each server is looked at once."""
        place = str(origin(url))
        if place not in self._greeted:
            found = list(tls_findings(url, self._tls))
            self.findings += found
            self._greeted[place] = worst(found) != "error"
        return self._greeted[place]

    def _clock(self, answer: Answer) -> None:
        if answer.clock is None or self._clock_seen:
            return
        self._clock_seen = True
        away = abs(answer.clock)
        if away < _SKEW_WARNS:
            self._note("ok", "clock", "the clocks agree")
            return
        says = f"the issuer's clock is {away:.0f} seconds {'ahead of' if answer.clock > 0 else 'behind'} this one"
        mend = "keep both in time (NTP); leeway is 30 seconds unless you say otherwise"
        self._note("error" if away >= _SKEW_FAILS else "warning", "clock", says, mend)

    def _algorithms(self, metadata: Mapping[str, Any]) -> None:
        named = metadata.get("id_token_signing_alg_values_supported")
        if isinstance(named, list) and named and all(str(each).startswith("HS") or each == "none" for each in named):
            says = "the issuer names only shared secrets and no signature at all: no public key verifies its tokens"
            self._note("error", "algorithms", says, "let it sign with ES256, EdDSA, PS256 or RS256")

    def _note(self, severity: Any, code: str, says: str, mend: str = "") -> None:
        self.findings.append(Finding(severity, code, says, mend))


def findings_of(trusted: TrustedIssuer) -> list[Finding]:
    """What is to be said of an issuer that was declared, at the place where its keys are fetched from."""
    keys, taken = trusted.keys, trusted.rules.algorithms
    if isinstance(keys, JWKSURL | Discovery):
        tls = certificates(keys.web.ca_file, needed=True)
        check = IssuerCheck(tls, headers=keys.web.headers(), algorithms=taken, insecure=True)
        if isinstance(keys, Discovery):
            check.issuer(keys.issuer, keys.jwks_origins)
        else:
            check.keys(keys.urls)
        return check.findings
    check = IssuerCheck(algorithms=taken)
    if trusted.jwks_urls:
        check.keys(trusted.jwks_urls)
    elif keys is None:
        check.issuer(trusted.issuer)
    else:
        says = f"the keys of {trusted.issuer} come from a source of their own: {type(keys).__name__}"
        check.findings.append(Finding("ok", "keys", says))
    return check.findings
