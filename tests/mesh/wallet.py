"""The tokens that callers hold: got as any client gets them, renewed, revoked, forged; and what is known of each."""

import json
import os
import threading
import time
from pathlib import Path
from typing import Any, Final

import httpx2

from .forgeries import forgeries
from .judging import Token
from .outages import UNKNOWN_KEY
from .processes import Mesh

PASSWORDS: Final = {
    "clerk": "paper-clip",
    "manager": "corner-office",
    "southern-clerk": "rubber-band",
    "auditor": "red-pencil",
    "operator": "night-shift",
}
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS_TOKEN: Final = "urn:ietf:params:oauth:token-type:access_token"
_GONE_KEPT: Final = 12


class Wallet:
    """What is in ``slots`` is sent; all of ``tokens`` are known to the model. The file at ``path`` is what is in use.

    The lock guards slots and file. Whatever asks the issuer raises httpx2.HTTPError while that is down.
    """

    def __init__(self, mesh: Mesh, path: Path) -> None:
        self._mesh = mesh
        self._path = path
        self._client = httpx2.Client(trust_env=False, timeout=10)
        self._lock = threading.Lock()
        self._refresh: dict[str, str] = {}
        self._rotated_at: float | None = None
        self._unknown_key_ids = True
        self.tokens = [Token(0, "nobody")]
        self.slots: dict[str, list[Token]] = {"nobody": self.tokens[:]}

    def fill(self) -> None:
        """Everybody logs in; machines identify themselves; what must not pass is made."""
        for name in PASSWORDS:
            self.log_in(name, name)
        self.machines()
        self.forge()
        self.expired()
        self.begin_leaving()
        self.leave()
        self.begin_leaving()

    def log_in(self, slot: str, name: str) -> None:
        answer = self._post("accounts", "/login", json={"username": name, "password": PASSWORDS[name]})
        self._refresh[slot] = answer["refresh_token"]
        self._hold(slot, name, answer["access_token"])

    def refresh(self) -> None:
        """Each person's token is exchanged for a younger one; whose refresh was interrupted logs in again."""
        for name in PASSWORDS:
            known = self._refresh.pop(name, None)
            if known is None:
                self.log_in(name, name)
                continue
            answer = self._post("accounts", "/refresh", json={"refresh_token": known})
            self._refresh[name] = answer["refresh_token"]
            self._hold(name, name, answer["access_token"])

    def machines(self) -> None:
        courier = self._oauth("shipping", "courier", grant_type="client_credentials")
        self._hold("courier", "courier", courier)
        ours = self._oauth("accounts", "orders", grant_type="client_credentials", audience="inventory")
        self._hold("orders itself", "orders itself", ours)
        clerk = self.slots["clerk"][0].text
        exchanged = self._oauth(
            "accounts",
            "orders",
            grant_type=_EXCHANGE,
            subject_token=clerk,
            subject_token_type=_ACCESS_TOKEN,
            audience="shipping",
            scope="parcels:send",
        )
        self._hold("clerk through orders", "clerk through orders", exchanged)

    def forge(self) -> None:
        jwks = self._client.get(f"{self._mesh.addresses['accounts']}/jwks?forger").json()
        made = forgeries(self.slots["manager"][0].text, jwks)
        if not self._unknown_key_ids:
            del made[UNKNOWN_KEY]
        self._put("forged", [self._known(Token(0, "manager", text, name)) for name, text in made.items()])

    def forge_no_unknown_key_ids(self) -> None:
        self._unknown_key_ids = False
        self._put("forged", [each for each in self.slots["forged"] if each.flaw != UNKNOWN_KEY])

    def expired(self) -> None:
        operator = {"Authorization": f"Bearer {self.slots['operator'][0].text}"}
        person = self._post("accounts", "/demo/expired-token/manager", headers=operator)["access_token"]
        courier = {"Authorization": f"Bearer {self.slots['courier'][0].text}"}
        machine = self._post("shipping", "/demo/expired-token", headers=courier)["access_token"]
        old = [("manager", person), ("courier", machine)]
        self._put("expired", [self._known(Token(0, caller, text, "expired")) for caller, text in old])

    def begin_leaving(self) -> None:
        """A session that will be ended while its token is in use; and one token that will be revoked by itself."""
        self.log_in("leaving", "clerk")

    def leave(self) -> None:
        """Log out: from now on, and within a second everywhere, the token is good for nothing."""
        token = self.slots["leaving"][0]
        token.ending = token.ending or time.time()
        self._post("accounts", "/logout", json={"refresh_token": self._refresh["leaving"]})
        token.ended = time.time()
        self._put("gone", [token, *self.slots.get("gone", [])][:_GONE_KEPT])

    def revoke_exchanged(self) -> None:
        """RFC 7009: the client takes back a token that it got, and gets another one."""
        token = self.slots["clerk through orders"][0]
        token.ending = token.ending or time.time()
        self._oauth("accounts", "orders", path="/oauth/revoke", token=token.text)
        token.ended = time.time()
        self._put("gone", [token, *self.slots.get("gone", [])][:_GONE_KEPT])
        self.machines()

    def rotate(self) -> None:
        operator = {"Authorization": f"Bearer {self.slots['operator'][0].text}"}
        self._post("accounts", "/rotate", headers=operator)
        self._rotated_at = time.time()

    def ask(self, slot: str, service: str, method: str, path: str, **given: Any) -> Any:
        """One request of the preparation. Raises httpx2.HTTPStatusError for a refusal."""
        headers = {"Authorization": f"Bearer {self.slots[slot][0].text}"}
        answer = self._client.request(method, self._mesh.addresses[service] + path, headers=headers, **given)
        return answer.raise_for_status().json()

    def close(self) -> None:
        self._client.close()

    def _oauth(self, service: str, client_id: str, *, path: str = "/oauth/token", **form: str) -> str:
        secret = (self._mesh.secrets / f"{client_id}-secret").read_text().strip()
        answer = self._client.post(self._mesh.addresses[service] + path, data=form, auth=(client_id, secret))
        answer.raise_for_status()
        return str(answer.json()["access_token"]) if answer.content else ""

    def _post(self, service: str, path: str, **given: Any) -> dict[str, Any]:
        answer = self._client.post(self._mesh.addresses[service] + path, **given)
        answer.raise_for_status()
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found

    def _hold(self, slot: str, caller: str, text: str) -> None:
        self._put(slot, [self._known(Token(0, caller, text, key_since=self._rotated_at))])

    def _known(self, token: Token) -> Token:
        with self._lock:
            token.number = len(self.tokens)
            self.tokens.append(token)
        return token

    def _put(self, slot: str, tokens: list[Token]) -> None:
        with self._lock:
            self.slots[slot] = tokens
            shown = {name: [(each.number, each.text) for each in held] for name, held in self.slots.items()}
            fresh = self._path.with_suffix(".new")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(shown, file)
            fresh.replace(self._path)
