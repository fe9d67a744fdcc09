"""Are the keys that an issuer publishes fit: public halves, strong enough, named, for algorithms that are taken?"""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from ..keys.key_set import KeySet
from .finding import Finding

_LONGEST: Final = 86_400  # seconds of max-age


def cache_finding(url: str, said: str) -> Finding:
    """For how long they may be kept."""
    words = said.lower()
    seconds = [word.partition("=")[2] for word in words.replace(",", " ").split() if word.startswith("max-age=")]
    if seconds and seconds[0].isdigit() and int(seconds[0]) > _LONGEST:
        says = f"{url} may be kept for {seconds[0]} seconds: who obeys that learns late of a withdrawn key"
        return Finding("warning", "cache", says, "say max-age=300 to 3600; guards keep keys for an hour at most")
    if "no-store" in words or "no-cache" in words:
        says = f"{url} may not be kept; guards ask once a minute all the same"
        return Finding("warning", "cache", says, "say max-age=300 to 3600")
    return Finding("ok", "cache", f"{url} says {said or 'nothing'} of caches")


def published_findings(keys: Sequence[Any]) -> Iterator[Finding]:
    """What must never be published."""
    members = [each for each in keys if isinstance(each, dict)]
    if any({"d", "p", "q"} & set(each) for each in members):
        mend = "withdraw the key at once: everybody may hold it by now"
        yield Finding("error", "private_key", "a private key is published: anybody can sign tokens", mend)
    if any(each.get("kty") == "oct" for each in members):
        says = "a shared secret is published: anybody can sign tokens"
        yield Finding("error", "secret", says, "withdraw it at once")


def usable_findings(url: str, found: KeySet, taken: Collection[str]) -> Iterator[Finding]:
    """Whether tokens can be verified with them, by the algorithms that are ``taken``."""
    if found.skipped:
        says = f"{len(found.skipped)} keys cannot be used: {found.skipped_in_words()}"
        mend = "publish keys of at least 2048 bits (RSA), P-256 or Ed25519"
        yield Finding("warning" if found.keys else "error", "keys_skipped", says, mend)
    if not found.keys:
        yield Finding("error", "keys_missing", f"{url} holds no usable key", "no token of this issuer passes")
    if len(found.keys) > 1 and any(key.kid is None for key in found.keys):
        says = "there are several keys, and some have no kid: which one signed is unknowable"
        mend = "give each key a kid, and write it into tokens"
        yield Finding("error" if found.is_ambiguous else "warning", "keys_unnamed", says, mend)
    if found.keys and not any(key.algorithms & set(taken) for key in found.keys):
        says = f"{url}: no key is for an algorithm that is taken: {', '.join(sorted(taken))}"
        yield Finding("error", "algorithms", says, "name what the issuer signs with in TrustedIssuer(algorithms=...)")
    for key in found.keys:
        bits = getattr(key.material, "key_size", None)
        kind = f"{key.kind} key" if bits is None else f"{key.kind} key of {bits} bits"
        yield Finding("ok", "key", f"{kind}, {json.dumps(key.kid)}, for {', '.join(sorted(key.algorithms))}")
