"""Sessions in Redis, or whatever speaks its protocol: for several workers and machines."""

import asyncio
import json
from collections.abc import Sequence
from hashlib import sha256
from math import ceil
from typing import Any, Final, cast

from redis import Redis

from ...errors import ConfigurationError
from ..session import Reason, Rotation, Session

_YEAR: Final = 31_536_000  # seconds: the longest that a session lives without a refresh
_CHANGING: Final = ("current", "previous", "nonce", "generation", "refreshed_at", "expires_at", "ended_at", "ended_for")

# one atomic step: Redis runs nothing else while a script runs
_ROTATE: Final = """
local kept = redis.call('HMGET', KEYS[1], 'current', 'expires_at', 'ended_at')
if not kept[1] then return {} end
if kept[3] == '' and tonumber(ARGV[4]) < tonumber(kept[2]) and kept[1] == ARGV[1] then
    redis.call('HSET', KEYS[1], 'current', ARGV[2], 'previous', ARGV[1], 'nonce', ARGV[3],
        'refreshed_at', ARGV[4], 'expires_at', ARGV[5])
    redis.call('HINCRBY', KEYS[1], 'generation', 1)
    redis.call('PEXPIREAT', KEYS[1], ARGV[6])
end
return redis.call('HGETALL', KEYS[1])
"""
_END: Final = """
if redis.call('HGET', KEYS[1], 'ended_at') == '' then
    redis.call('HSET', KEYS[1], 'ended_at', ARGV[1], 'ended_for', ARGV[2])
end
"""


class RedisSessions:
    """A session store in Redis. See ``redis``."""

    def __init__(self, client: Redis, prefix: str) -> None:
        self._client = client
        self._prefix = prefix
        self._rotate = client.register_script(_ROTATE)
        self._end = client.register_script(_END)

    def add(self, session: Session) -> None:
        place, index = self._place(session.session_id), self._index(session.subject)
        with self._client.pipeline(transaction=False) as pipe:  # the session last: it is never there without its index
            pipe.sadd(index, session.session_id)
            pipe.expire(index, _YEAR)
            pipe.hset(place, mapping=_written(session))
            pipe.pexpireat(place, ceil(session.expires_at * 1000))
            pipe.execute()

    async def aadd(self, session: Session) -> None:
        await asyncio.to_thread(self.add, session)

    def find(self, session_id: str) -> Session | None:
        return _read(self._client.hgetall(self._place(session_id)))

    async def afind(self, session_id: str) -> Session | None:
        return await asyncio.to_thread(self.find, session_id)

    def rotate(self, rotation: Rotation) -> Session | None:
        found = self._rotate(
            keys=[self._place(rotation.session_id)],
            args=[
                *(rotation.presented, rotation.successor, rotation.nonce),
                *(repr(rotation.at), repr(rotation.expires_at), ceil(rotation.expires_at * 1000)),
            ],
        )
        session = _read(_paired(found))
        if session is not None:
            self._client.expire(self._index(session.subject), _YEAR)
        return session

    async def arotate(self, rotation: Rotation) -> Session | None:
        return await asyncio.to_thread(self.rotate, rotation)

    def of_subject(self, subject: str) -> Sequence[Session]:
        index = self._index(subject)
        names = sorted(cast("set[bytes]", self._client.smembers(index)))
        with self._client.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.hgetall(self._place(name.decode()))
            found = [_read(each) for each in pipe.execute()]
        gone = [name for name, session in zip(names, found, strict=True) if session is None]
        if gone:
            self._client.srem(index, *gone)
        return [each for each in found if each is not None and each.ended_at is None]

    async def aof_subject(self, subject: str) -> Sequence[Session]:
        return await asyncio.to_thread(self.of_subject, subject)

    def end(self, session_id: str, at: float, reason: Reason) -> None:
        self._end(keys=[self._place(session_id)], args=[repr(at), reason])

    async def aend(self, session_id: str, at: float, reason: Reason) -> None:
        await asyncio.to_thread(self.end, session_id, at, reason)

    def _place(self, session_id: str) -> str:
        return f"{self._prefix}:session:{session_id}"

    def _index(self, subject: str) -> str:
        return f"{self._prefix}:subject:{sha256(subject.encode()).hexdigest()}"

    def __repr__(self) -> str:
        return "<RedisSessions>"


def redis(url: str, *, prefix: str = "jwt_middleware", timeout: float = 2.0) -> RedisSessions:
    """A session store at ``url``: ``redis://``, ``rediss://`` (TLS) or ``unix://``, and always the primary.

    A rotation is one script, which runs in one step. Redis forgets each session when it expires. ``timeout``: seconds
    for a connection and for each command. Raises ConfigurationError.
    """
    try:
        client = Redis.from_url(url, socket_timeout=timeout, socket_connect_timeout=timeout)
    except ValueError:  # not chained: the URL may hold a password
        raise ConfigurationError("redis(): write a URL such as redis://localhost:6379/0") from None
    return RedisSessions(client, prefix)


def _written(session: Session) -> Any:
    whole = {name: getattr(session, name) for name in Session.__slots__}
    changing = {name: whole.pop(name) for name in _CHANGING}
    changing["ended_at"] = "" if session.ended_at is None else repr(session.ended_at)
    for name in ("refreshed_at", "expires_at"):
        changing[name] = repr(changing[name])
    return {**changing, "fixed": json.dumps(whole)}


def _read(found: Any) -> Session | None:
    kept = {name.decode(): value.decode() for name, value in found.items()}
    if "fixed" not in kept:
        return None
    fixed: dict[str, Any] = json.loads(kept["fixed"])
    for name in ("audience", "scopes", "amr"):
        fixed[name] = tuple(fixed[name])
    return Session(
        **fixed,
        current=kept["current"],
        previous=kept["previous"],
        nonce=kept["nonce"],
        generation=int(kept["generation"]),
        refreshed_at=float(kept["refreshed_at"]),
        expires_at=float(kept["expires_at"]),
        ended_at=float(kept["ended_at"]) if kept["ended_at"] else None,
        ended_for=kept["ended_for"],
    )


def _paired(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
