"""A state machine: guards that remember tokens, and beside each of them one that has nothing to remember.

Two guards with different rules look at the same tokens while the clock moves, keys change and tokens are revoked. What
each says is compared with a guard that was built a moment ago: it knows the same keys, asks the same store, and has
nothing to remember. Only what doors use is asked: ``recall`` and ``admit``.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, ClassVar

import jwt
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from jwt_middleware import Claims, Guard, Principal, RequestInfo, TrustedIssuer
from jwt_middleware.keys.key import secret_key
from jwt_middleware.keys.key_set import KeySet
from jwt_middleware.revocation_stores.memory import MemoryRevocations, memory
from jwt_middleware.verification.authenticator import RevocationStore
from jwt_middleware.waiting import run

FIRST, SECOND = ISSUERS = ("https://first.example", "https://second.example")
STARTS = 1_800_000_000.0
LASTING = "lasting"  # the id of a key that never goes
KEPT = 8  # tokens that are asked about; older ones are forgotten by their callers
RULES: Mapping[str, Mapping[str, Any]] = {
    "strict": {"audience": "orders", "leeway": 0, "max_age": 90},
    "lenient": {"audience": ["orders", "billing"], "leeway": 30},
}
Answer = Principal | str  # who is calling, or the reason of the refusal


class Clock:
    def __init__(self) -> None:
        self.now = STARTS

    def __call__(self) -> float:
        return self.now


@dataclass
class Issuer:
    """An issuer and the secrets it signs with; which one has which key id changes."""

    name: str
    secrets: dict[str, bytes] = field(default_factory=dict)
    made: int = 0

    def __post_init__(self) -> None:
        for kid in (LASTING, "a", "b"):
            self.renew(kid)

    def renew(self, kid: str) -> None:
        self.made += 1
        self.secrets[kid] = f"{self.name} {self.made}".encode().ljust(32, b".")

    def key_set(self) -> KeySet:
        return KeySet([secret_key(secret, kid) for kid, secret in self.secrets.items()], fresh_for=inf)


@functools.cache
def greeting(issuer: str, now: float) -> str:
    """A token that makes every guard read the keys of this issuer, and that none remembers for another."""
    claims = {"iss": issuer, "aud": "orders", "sub": "carol", "iat": now, "exp": now + 1}
    return jwt.encode(claims, Issuer(issuer).secrets[LASTING], "HS256", {"kid": LASTING})


class Published:
    """What a guard reads of an issuer. A set never grows old: it is read again for a key id that is not in it."""

    symmetric = True

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self.last_read = issuer.key_set()

    def fetch(self) -> KeySet:
        self.last_read = self._issuer.key_set()
        return self.last_read

    async def afetch(self) -> KeySet:
        return self.fetch()


@dataclass
class Known:
    """The keys that another guard knows, and no others."""

    source: Published
    symmetric = True

    def fetch(self) -> KeySet:
        return self.source.last_read

    async def afetch(self) -> KeySet:
        return self.source.last_read


@dataclass
class Asked:
    """A store that says nothing but yes or no."""

    entries: MemoryRevocations

    def is_revoked(self, claims: Claims) -> bool:
        return self.entries.is_revoked(claims)

    async def ais_revoked(self, claims: Claims) -> bool:
        return self.entries.is_revoked(claims)


def answer(guard: Guard, token: str, recalled: bytes | None = None) -> Answer:
    request = RequestInfo(header=lambda name: [f"Bearer {token}"] if name == "authorization" else [])
    admission = run(guard.admit(request, recalled))
    return admission.principal if admission.refusal is None else admission.refusal.reason


class Requests(RuleBasedStateMachine):
    recalled: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.issuers = {name: Issuer(name) for name in ISSUERS}
        self.revocations = memory(clock=self.clock)
        self.store: RevocationStore | None = None
        self.sources: dict[str, dict[str, Published]] = {}
        self.guards: dict[str, Guard] = {}
        self.tokens: list[str] = []
        self.minted = 0

    @initialize(store=st.sampled_from(["none", "memory", "none", "asked"]))
    def begin(self, store: str) -> None:
        self.store = {"none": None, "memory": self.revocations, "asked": Asked(self.revocations)}[store]
        for rules, trusting in (("strict", [FIRST]), ("lenient", [FIRST, SECOND])):
            self.sources[rules] = {name: Published(self.issuers[name]) for name in trusting}
            self.guards[rules] = self.guard(rules, self.sources[rules], self.make_guard)

    def make_guard(self, *trusted: TrustedIssuer, **options: Any) -> Guard:
        return Guard(*trusted, **options)

    def guard(self, rules: str, sources: Mapping[str, Any], make: Callable[..., Guard]) -> Guard:
        trusted = [TrustedIssuer(name, keys=source, **RULES[rules]) for name, source in sources.items()]
        made = make(*trusted, revocations=self.store, observers=(), clock=self.clock)
        for name in sources:  # a guard that knows no keys looks at other things first, and gives another reason
            assert not isinstance(answer(made, greeting(name, self.clock.now)), str)
        return made

    @rule(
        issuer=st.sampled_from([FIRST, FIRST, SECOND]),
        kid=st.sampled_from("ab"),
        subject=st.sampled_from(["alice", "bob"]),
        session=st.sampled_from(["s1", "s2", None]),
        audience=st.sampled_from(["orders", "orders", "orders", "billing"]),
        lives=st.sampled_from([70, 1000, 5, 1000]),
        starts=st.sampled_from([None, 0, -40, -40, 20]),
        issued=st.sampled_from([0, -40, 0, -40, None, 20]),
    )
    def mint(self, issuer: str, kid: str, audience: str, lives: int, **optional: Any) -> None:
        """Times are in seconds from now."""
        secret = self.issuers[issuer].secrets.get(kid)
        if secret is None:
            return
        self.minted += 1
        claims: dict[str, Any] = {
            "iss": issuer,
            "aud": audience,
            "jti": str(self.minted),
            "exp": self.clock.now + lives,
        }
        claims |= {"sub": optional["subject"], "sid": optional["session"]}
        claims |= {
            name: self.clock.now + optional[at]
            for name, at in (("nbf", "starts"), ("iat", "issued"))
            if optional[at] is not None
        }
        said = {name: value for name, value in claims.items() if value is not None}
        self.show(jwt.encode(said, secret, "HS256", {"kid": kid}))

    @precondition(lambda self: self.tokens)
    @rule(place=st.integers(0, KEPT - 1))
    def forge(self, place: int) -> None:
        """The same header and claims with another signature."""
        signed, _, signature = self.tokens[place % len(self.tokens)].rpartition(".")
        self.show(f"{signed}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}")

    @rule(seconds=st.sampled_from([1.0, 4.0, 6.0, 29.0, 31.0, 59.0, 61.0, -1.0, -21.0, -70.0]))
    def clock_moves(self, seconds: float) -> None:
        self.clock.now += seconds
        self.ask_all()

    @rule(issuer=st.sampled_from(ISSUERS), kid=st.sampled_from("ab"), gone=st.booleans(), noticed=st.booleans())
    def keys_change(self, issuer: str, kid: str, gone: bool, noticed: bool) -> None:
        """A key is withdrawn or replaced under its key id; guards notice when they meet a key id that is new to them."""
        changed = self.issuers[issuer]
        if gone and kid in changed.secrets:
            del changed.secrets[kid]
        else:
            changed.renew(kid)
        if noticed:
            claims = {"iss": issuer, "aud": "orders", "sub": "carol", "iat": self.clock.now, "exp": self.clock.now + 60}
            self.ask(
                jwt.encode(claims, b"nobody knows this secret, not at all", "HS256", {"kid": f"new {changed.made}"})
            )
        self.ask_all()

    @precondition(lambda self: self.tokens)
    @rule(place=st.integers(0, KEPT - 1), what=st.sampled_from(["jti", "sid", "sub"]))
    def revoke(self, place: int, what: str) -> None:
        """One of the tokens, or its session, or all that its subject was given so far."""
        said = jwt.decode(self.tokens[place % len(self.tokens)], options={"verify_signature": False})
        until = self.clock.now + 2000
        if what == "jti":
            self.revocations.revoke_token(said["iss"], said["jti"], until=until)
        elif what == "sub":
            self.revocations.revoke_subject(said["iss"], said["sub"], before=self.clock.now + 1, until=until)
        elif "sid" in said:
            self.revocations.revoke_session(said["iss"], said["sid"], until=until)
        self.ask_all()

    @rule()
    def ask_all(self) -> None:
        self.ask(*self.tokens)

    def show(self, token: str) -> None:
        self.tokens = list(dict.fromkeys([*self.tokens, token]))[-KEPT:]
        self.ask(token)

    def ask(self, *tokens: str) -> None:
        for rules, guard in self.guards.items():
            forgetful = self.guard(rules, {name: Known(source) for name, source in self.sources[rules].items()}, Guard)
            for token in tokens:  # each once, so that the other guard can remember none of them
                credentials = f"Bearer {token}".encode()
                recalled = guard.recall(credentials)
                answered = answer(guard, token, credentials if recalled is None else None)
                expected = answer(forgetful, token)
                assert recalled is None or recalled == expected, "what was recalled is not the answer"
                assert answered == expected, "what was remembered is not the answer"
                type(self).recalled += recalled is not None
