"""How revocations lie in Redis: one key for each, all of them in the order of their end, and a stream of news."""

import json
import logging
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, Final

from redis import Redis

from ...events import event
from ...verification.claims import Claims
from ...verification.revocation import Revocation, places

BLOCK: Final = 500  # milliseconds that one read waits for news: contact is proved that often
_NEWS: Final = 10_000  # revocations that the stream holds for those who were away for a moment
_log: Final = logging.getLogger("jwt_middleware")

# KEYS: all entries by their end, the stream of news, this entry. ARGV: now, end, entry, before
_REVOKE: Final = f"""
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[3])
redis.call('XADD', KEYS[2], 'MAXLEN', '~', {_NEWS}, '*', 'entry', ARGV[3])
local kept = redis.call('GET', KEYS[3])
local left = kept and redis.call('PTTL', KEYS[3]) or 0
local before = ARGV[4]
if kept and tonumber(kept) > tonumber(before) then before = kept end
redis.call('SET', KEYS[3], before)
local ends, now = tonumber(ARGV[2]), tonumber(ARGV[1])
if left ~= -1 and ends < 1e12 then
    redis.call('PEXPIRE', KEYS[3], math.max(left, math.ceil((ends - now) * 1000), 1))
end
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
for _, key in ipairs({{KEYS[1], KEYS[2]}}) do
    if tonumber(last) < 1e12 then redis.call('EXPIRE', key, math.max(1, math.ceil(last - now)))
    else redis.call('PERSIST', key) end
end
"""


class Entries:
    """The revocations of one Redis. What the client raises is passed on."""

    def __init__(self, client: Redis, prefix: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._prefix = f"{{{prefix}}}"  # one slot of a cluster
        self._clock = clock
        self._script = client.register_script(_REVOKE)
        self._all = f"{self._prefix}:revocations"
        self._news = f"{self._prefix}:revocation-news"

    def revoke(self, revocation: Revocation) -> None:
        now = self._clock()
        if revocation.until <= now:
            return
        entry = json.dumps([revocation.kind, revocation.issuer, revocation.name, revocation.until, revocation.before])
        place = self._place(revocation.kind, revocation.issuer, revocation.name)
        self._script(
            keys=[self._all, self._news, place],
            args=[repr(now), repr(float(revocation.until)), entry, repr(float(revocation.before))],
        )

    def is_revoked(self, claims: Claims) -> bool:
        named: Any = self._client.mget([self._place(*each) for each in places(claims)] or [self._place("", "", "")])
        issued_at = claims.issued_at
        return any(kept is not None and (issued_at is None or issued_at < float(kept)) for kept in named)

    def position(self, client: Redis) -> str:
        """Where the stream ends now."""
        newest: Any = client.xrevrange(self._news, count=1)
        return newest[0][0].decode() if newest else "0-0"

    def news_since(self, client: Redis, position: str) -> tuple[list[Revocation], str]:
        """What was revoked since then, and where the stream ends now. Waits for it a moment."""
        streams: Any = client.xread({self._news: position}, block=BLOCK, count=1000)
        found = [item for _, items in streams or () for item in items]
        return _readable(each[b"entry"] for _, each in found), found[-1][0].decode() if found else position

    def everything(self, client: Redis) -> list[Revocation]:
        return _readable(entry for entry, _ in client.zscan_iter(self._all, count=1000))

    def _place(self, kind: str, issuer: str, name: str) -> str:
        return f"{self._prefix}:revoked:{sha256(json.dumps([kind, issuer, name]).encode()).hexdigest()}"


def _readable(entries: Iterable[bytes]) -> list[Revocation]:
    """What can be read; an entry that cannot never spoils the others."""
    found = []
    for entry in entries:
        try:
            kind, issuer, name, until, before = json.loads(entry)
            found.append(Revocation(kind, issuer, name, until, before))
        except (ValueError, TypeError):
            _log.error("a revocation cannot be read and is left out", extra=event("revocation_unreadable"))
    return found
