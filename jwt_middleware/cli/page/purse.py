"""Purse: the tokens of everybody whom one may be on the page. They stay in this process, and are shown to nobody."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

import httpx2

from ..mesh import Mesh
from ..story import encoded, part
from .offers import COURIER, NOBODY, PASSWORDS

State = Literal["none", "good", "tampered", "expired", "ended"]

STAGEHAND: Final = "stagehand"  # a clerk, who sees to it that there is something to act upon
COURIERS_MATE: Final = "courier's mate"  # the same on the partner's side

_LOGINS: Final = {STAGEHAND: "clerk"}
_OF_PARTNER: Final = ("partner", COURIERS_MATE)
_SOON: Final = 20.0  # seconds before its end in which a token is renewed
_ALL_RIGHTS: Final = ["stock:read", "stock:reserve", "stock:write", "prices:read"]


class OutOfReach(Exception):
    """An issuer does not answer, or not with a token; says which one."""


@dataclass(frozen=True)
class Held:
    """One caller's token, what was done to it, and what renews it."""

    token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    state: State = "good"

    @property
    def expires_at(self) -> float:
        """Seconds since the epoch."""
        return float(part(self.token, 1)["exp"])


class Purse:
    """Raises OutOfReach where a token cannot be had. Not for several threads at once."""

    def __init__(self, mesh: Mesh, client: httpx2.Client, clock: Callable[[], float] = time.time) -> None:
        self._mesh = mesh
        self._client = client
        self._clock = clock
        self._held: dict[str, Held] = {}

    def token(self, who: str) -> str | None:
        """What ``who`` sends; None for nobody. Logs in first, and renews what expires soon of itself."""
        if who == NOBODY:
            return None
        held = self._held.get(who)
        if held is None:
            held = self._held[who] = self._new(who)
        elif held.state == "good" and held.expires_at - self._clock() < _SOON:
            held = self._held[who] = self._renewed(who, held)
        return held.token

    def shown(self, who: str) -> Mapping[str, Any]:
        """What may be told of the token: its state, who signed it with which key, and for how long it is good."""
        held = self._held.get(who)
        if held is None:
            return {"state": "none"}
        key = str(part(held.token, 0)["kid"])[:8]
        seconds = max(0, int(held.expires_at - self._clock()))
        issuer = "the partner" if who == "partner" else "accounts"
        return {"state": held.state, "issuer": issuer, "key": key, "seconds": seconds}

    def renew(self, who: str) -> None:
        """Log in again, whatever became of the token before."""
        self._held[who] = self._new(who)

    def tamper(self, who: str) -> None:
        """Write more rights into the token. The signature stays, and no longer fits."""
        held = self._good(who)
        head, _, signature = held.token.split(".")
        claims = {**part(held.token, 1), "roles": ["manager"], "permissions": _ALL_RIGHTS}
        self._held[who] = replace(held, token=f"{head}.{encoded(claims)}.{signature}", state="tampered")

    def expire(self, who: str) -> None:
        """Have one that was signed an hour ago instead of waiting."""
        held = self._good(who)
        asks, issuer, where = "operator", "accounts", f"/demo/expired-token/{who}"
        if who == "partner":
            asks, issuer, where = "partner", "shipping", "/demo/expired-token"
        said = self._post(issuer, where, headers={"authorization": f"Bearer {self.token(asks)}"})
        self._held[who] = replace(held, token=str(said["access_token"]), state="expired")

    def end(self, who: str) -> None:
        """Log out; the partner's device, which has no session, withdraws its token (RFC 7009)."""
        held = self._good(who)
        if who == "partner":
            self._post("shipping", "/oauth/revoke", data={"token": held.token}, auth=(COURIER, self._secret()))
        else:
            self._post("accounts", "/logout", json={"refresh_token": held.refresh_token})
        self._held[who] = replace(held, state="ended")

    def rotate(self) -> None:
        self._post("accounts", "/rotate", headers={"authorization": f"Bearer {self.token('operator')}"})

    def _good(self, who: str) -> Held:
        self.token(who)
        if self._held[who].state != "good":
            self.renew(who)
        return self._held[who]

    def _new(self, who: str) -> Held:
        if who in _OF_PARTNER:
            form = {"grant_type": "client_credentials"}
            said = self._post("shipping", "/oauth/token", data=form, auth=(COURIER, self._secret()))
            return Held(str(said["access_token"]))
        name = _LOGINS.get(who, who)
        said = self._post("accounts", "/login", json={"username": name, "password": PASSWORDS[name]})
        return Held(str(said["access_token"]), str(said["refresh_token"]))

    def _renewed(self, who: str, held: Held) -> Held:
        """A session that is no longer known is begun anew; while its issuer is away, the token is what there is."""
        if held.refresh_token:
            with suppress(OutOfReach):
                said = self._post("accounts", "/refresh", json={"refresh_token": held.refresh_token})
                return Held(str(said["access_token"]), str(said["refresh_token"]))
        with suppress(OutOfReach):
            return self._new(who)
        return held

    def _secret(self) -> str:
        return (self._mesh.secrets / f"{COURIER}-secret").read_text()

    def _post(self, issuer: str, path: str, **sent: Any) -> Mapping[str, Any]:
        try:
            answer = self._client.post(self._mesh.urls[issuer] + path, **sent)
        except httpx2.HTTPError as error:
            raise OutOfReach(f"{issuer} does not answer") from error
        if answer.status_code >= 400:
            raise OutOfReach(f"{issuer} answers with {answer.status_code}")
        said: Mapping[str, Any] = answer.json() if answer.content else {}
        return said
