"""Is this issuer fit to be trusted as it stands? Asked of the live issuer: metadata, keys, clock, cache headers."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from ..addresses import metadata_urls, origin, wrong_with_url
from ..keys.key_set import KeySet, key_set_from_jwks
from ..verification.trusted_issuer import TrustedIssuer
from .asking import Answer, Unreachable, ask
from .finding import Finding

Ask = Callable[[str], Answer]

_SKEW_WARNS, _SKEW_FAILS = 5.0, 30.0  # seconds
_LONGEST: Final = 86_400  # seconds of max-age


class IssuerCheck:
    """Collects ``findings``; ``document`` is the JWKS that was read, for a sample token to be verified with."""

    def __init__(self, asking: Ask = ask) -> None:
        self._ask = asking
        self.findings: list[Finding] = []
        self.document: Mapping[str, Any] | None = None

    def issuer(self, issuer: str) -> None:
        """Everything from discovery on."""
        wrong = wrong_with_url(issuer, insecure=False)
        if wrong:
            self._note("error", "issuer_url", f"{issuer!r}: {wrong}", "name the issuer as tokens carry it in iss")
            return
        metadata = self._metadata(issuer)
        if metadata is None:
            return
        self._algorithms(metadata)
        url = metadata.get("jwks_uri")
        wrong = wrong_with_url(url, insecure=False)
        if wrong or not isinstance(url, str):
            self._note("error", "jwks_uri", f"the metadata names no good jwks_uri: {wrong}", "mend it at the issuer")
            return
        if origin(url) != origin(issuer):
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
            self._cache(url, answer)
            self._published(document["keys"])
            self._usable(url, found)

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
        try:
            answer = self._ask(url)
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

    def _clock(self, answer: Answer) -> None:
        if answer.clock is None:
            return
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

    def _cache(self, url: str, answer: Answer) -> None:
        said = answer.cache_control.lower()
        seconds = [word.partition("=")[2] for word in said.replace(",", " ").split() if word.startswith("max-age=")]
        if seconds and seconds[0].isdigit() and int(seconds[0]) > _LONGEST:
            says = f"{url} may be kept for {seconds[0]} seconds: who obeys that learns late of a withdrawn key"
            self._note("warning", "cache", says, "say max-age=300 to 3600; guards keep keys for an hour at most")
        elif "no-store" in said or "no-cache" in said:
            says = f"{url} may not be kept; guards ask once a minute all the same"
            self._note("warning", "cache", says, "say max-age=300 to 3600")
        else:
            self._note("ok", "cache", f"{url} says {answer.cache_control or 'nothing'} of caches")

    def _published(self, keys: Sequence[Any]) -> None:
        members = [each for each in keys if isinstance(each, dict)]
        if any({"d", "p", "q"} & set(each) for each in members):
            mend = "withdraw the key at once: everybody may hold it by now"
            self._note("error", "private_key", "a private key is published: anybody can sign tokens", mend)
        if any(each.get("kty") == "oct" for each in members):
            says = "a shared secret is published: anybody can sign tokens"
            self._note("error", "secret", says, "withdraw it at once")

    def _usable(self, url: str, found: KeySet) -> None:
        if found.skipped:
            severity = "warning" if found.keys else "error"
            says = f"{len(found.skipped)} keys cannot be used: {found.skipped_in_words()}"
            self._note(severity, "keys_skipped", says, "publish keys of at least 2048 bits (RSA), P-256 or Ed25519")
        if not found.keys:
            self._note("error", "keys_missing", f"{url} holds no usable key", "no token of this issuer passes")
        if len(found.keys) > 1 and any(key.kid is None for key in found.keys):
            severity = "error" if found.is_ambiguous else "warning"
            says = "there are several keys, and some have no kid: which one signed is unknowable"
            self._note(severity, "keys_unnamed", says, "give each key a kid, and write it into tokens")
        for key in found.keys:
            self._note("ok", "key", f"{key.kind} key {json.dumps(key.kid)} for {', '.join(sorted(key.algorithms))}")

    def _note(self, severity: Any, code: str, says: str, mend: str = "") -> None:
        self.findings.append(Finding(severity, code, says, mend))


def findings_of(trusted: TrustedIssuer) -> list[Finding]:
    """What is to be said of an issuer that was declared, at the place where its keys are fetched from."""
    check = IssuerCheck()
    if trusted.jwks_urls:
        check.keys(trusted.jwks_urls)
    elif trusted.keys is None:
        check.issuer(trusted.issuer)
    else:
        says = f"the keys of {trusted.issuer} come from a source of their own: {type(trusted.keys).__name__}"
        check.findings.append(Finding("ok", "keys", says))
    return check.findings
