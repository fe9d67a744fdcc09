"""The story that the demo plays: what may and may not happen between four services, one step after the other."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .stage import PATIENCE, Answer, Stage
from .traffic import Traffic

_PASSWORDS: Final = {"clerk": "paper-clip", "manager": "corner-office", "operator": "night-shift"}
_ROTATIONS: Final = 2
_BOLTS: Final = {"item": "bolts", "quantity": 2}


@dataclass
class Cast:
    """What the steps hand on to one another: everybody's token, and the order that was placed."""

    tokens: dict[str, str] = field(default_factory=dict)
    order: int = 0


def log_in(stage: Stage, cast: Cast) -> None:
    for name in _PASSWORDS:
        cast.tokens[name] = logged_in(stage, name)
        said = part(cast.tokens[name], 1)
        stage.expect(said["roles"] == [name], f"the token of the {name} does not say that role")
        stage.say(f"      the token says: roles {said['roles']}, permissions {len(said['permissions'])}", "dim")
    wrong = {"username": "manager", "password": "guessed"}
    stage.ask("POST", "accounts/login", body=wrong, who="a wrong password", status=400)


def allowed(stage: Stage, cast: Cast) -> None:
    answer = as_(stage, cast, "clerk", "POST", "orders/orders", _BOLTS, 201, ["orders admitted", "inventory admitted"])
    cast.order = answer.body["id"]
    stage.expect(answer.body["placed_by"] == "clerk", "orders took the clerk for somebody else")


def not_a_manager(stage: Stage, cast: Cast) -> None:
    where = f"orders/orders/{cast.order}"
    refused = as_(stage, cast, "clerk", "DELETE", where, None, 403, ["orders requirement_not_met"], "role manager")
    stage.expect(refused.body["missing"] != [], "the answer does not say what was missing")


def refused_behind(stage: Stage, cast: Cast) -> None:
    where = f"orders/orders/{cast.order}/value"
    decided = ["orders admitted", "inventory requirement_not_met"]
    refused = as_(stage, cast, "clerk", "GET", where, None, 403, decided, "prices:read")
    stage.expect("prices:read" in str(refused.body.get("missing")), "the answer does not say what was missing")
    body = {"quantity": 100}
    decided = ["inventory requirement_not_met"]
    as_(stage, cast, "clerk", "POST", "inventory/stock/bolts/deliver", body, 403, decided, "stock:write")


def the_manager(stage: Stage, cast: Cast) -> None:
    where = f"orders/orders/{cast.order}"
    answer = as_(stage, cast, "manager", "GET", f"{where}/value", None, 200, ["orders admitted", "inventory admitted"])
    stage.expect(answer.body == {"value": 6}, "the order is not worth what it was")
    body = {"quantity": 100}
    as_(stage, cast, "manager", "POST", "inventory/stock/bolts/deliver", body, 200, ["inventory admitted"])
    as_(stage, cast, "manager", "DELETE", where, None, 200, ["orders admitted"])


def acting_for(stage: Stage, cast: Cast) -> None:
    decided = ["orders admitted", "inventory admitted"]
    order = as_(stage, cast, "clerk", "POST", "orders/orders", _BOLTS, 201, decided).body["id"]
    where, decided = f"orders/orders/{order}/ship", ["orders admitted", "shipping admitted"]
    as_(stage, cast, "clerk", "POST", where, None, 200, decided)
    decided = ["shipping audience_mismatch"]
    as_(stage, cast, "clerk", "POST", "shipping/parcels", {"order": order}, 401, decided)


def the_partner(stage: Stage, _: Cast) -> None:
    courier = stage.client_token("shipping", "courier")
    where, decided = "shipping/parcels/1/delivered", ["shipping admitted", "orders admitted"]
    stage.ask("POST", where, token=courier, who="a courier", status=200, decided=decided)
    decided = ["orders audience_mismatch"]
    stage.ask("GET", "orders/orders", token=courier, who="a courier", status=401, decided=decided)
    decided = ["orders public", "inventory admitted"]
    stage.ask("GET", "orders/available/bolts", who="nobody", status=200, decided=decided)


def no_token(stage: Stage, _: Cast) -> None:
    for where in ("orders/orders", "orders/nowhere", "inventory/stock/bolts"):
        decided = [f"{where.partition('/')[0]} token_missing"]
        answer = stage.ask("GET", where, who="nobody", status=401, decided=decided)
        stage.expect(answer.challenge.startswith("Bearer "), "the refusal carries no challenge")
        stage.expect("error" not in answer.challenge, "the challenge blames a token that was never sent")


def tampered(stage: Stage, cast: Cast) -> None:
    head, _, signature = cast.tokens["clerk"].split(".")
    claims = {**part(cast.tokens["clerk"], 1), "roles": ["manager"], "permissions": ["prices:read"]}
    refused_everywhere(stage, f"{head}.{encoded(claims)}.{signature}", "signature_invalid")
    unsigned = f"{encoded({'alg': 'none', 'typ': 'at+jwt'})}.{encoded(claims)}."
    where, decided = "orders/orders", ["orders algorithm_refused"]
    stage.ask("GET", where, token=unsigned, who="with no signature", status=401, decided=decided)


def expired(stage: Stage, cast: Cast) -> None:
    where = "accounts/demo/expired-token/clerk"
    answer = as_(stage, cast, "operator", "POST", where, None, 200, ["accounts admitted"])
    refused_everywhere(stage, answer.body["access_token"], "token_expired")


def rotation(stage: Stage, cast: Cast) -> None:
    where, decided = "accounts/rotate", ["accounts requirement_not_met"]
    as_(stage, cast, "clerk", "POST", where, None, 403, decided, "role operator")
    placed = as_(
        stage, cast, "manager", "POST", "orders/orders", _BOLTS, 201, ["orders admitted", "inventory admitted"]
    )
    first = cast.tokens["manager"]
    tokens = {part(first, 0)["kid"]: first}
    with Traffic(stage.url("orders", f"/orders/{placed.body['id']}/value"), first) as traffic:
        stage.expect(traffic.flow(first), "the traffic does not flow")
        for _ in range(_ROTATIONS):
            so_far = traffic.total
            stage.ask_quietly("POST", "accounts/rotate", token=cast.tokens["operator"])
            newest = str(stage.ask_quietly("POST", "accounts/login", body=login("manager"))["access_token"])
            kid = part(newest, 0)["kid"]
            stage.expect(kid not in tokens, "the key was not rotated: a new token is signed with an old key")
            tokens[kid] = traffic.newest = newest
            stage.say(f"      after {so_far} requests a new key: the next token is signed with {kid[:8]}")
            flowing = traffic.flow(first, newest)
            stage.expect(flowing, "the traffic stalled after the rotation")
    refused = traffic.refused
    if any(status == 0 or status >= 500 for status in refused):
        stage.check_children(PATIENCE)
    stage.expect(not refused, f"the rotation refused requests: {refused} by status, of {traffic.total}")
    reasons = Counter(f"{hop.service} {hop.reason}" for hop in stage.hops() if hop.service != "accounts")
    stage.expect(set(reasons) == {"orders admitted", "inventory admitted"}, f"the services decided {dict(reasons)}")
    stage.say(f"      {traffic.total} requests, {len(tokens)} keys, 0 refused", "bold green")


@dataclass(frozen=True)
class Step:
    """One step: its title, one sentence for whoever watches, and what happens. ``play`` raises Surprise."""

    title: str
    sentence: str
    play: Callable[[Stage, Cast], None]


STEPS: Final = (
    Step(
        "Log in as clerk, manager and operator",
        "accounts knows the passwords; the others only see tokens that it signed.",
        log_in,
    ),
    Step(
        "Allowed: the clerk orders bolts",
        "orders lets the clerk in and asks inventory, with the same token.",
        allowed,
    ),
    Step(
        "Refused: the clerk may not cancel an order",
        "The answer says what was missing, and inventory is never asked.",
        not_a_manager,
    ),
    Step(
        "Refused one service further: no prices for the clerk",
        "orders lets the clerk in, inventory does not; its reason reaches the clerk.",
        refused_behind,
    ),
    Step("Allowed: the manager does all that", "The same three requests, by somebody who may.", the_manager),
    Step(
        "In somebody's name: orders sends the clerk's parcel",
        "The token is exchanged for one that names orders and fits shipping alone.",
        acting_for,
    ),
    Step(
        "In one's own name: the partner delivers it",
        "shipping has its own issuer; orders trusts it for this and nothing else.",
        the_partner,
    ),
    Step("No token", "Whatever is not marked public wants a token, also paths that nobody has.", no_token),
    Step("A tampered token", 'The clerk writes "manager" into the token; the signature no longer fits.', tampered),
    Step("An expired token", "accounts signs one that expired an hour ago; only the demo can ask for it.", expired),
    Step(
        "Key rotation under running traffic",
        "Four callers ask all the time, two with an old token, two with the newest.",
        rotation,
    ),
)


def as_(
    stage: Stage,
    cast: Cast,
    who: str,
    method: str,
    where: str,
    body: object,
    status: int,
    decided: list[str],
    missing: str = "",
) -> Answer:
    """One request in somebody's name."""
    token = cast.tokens[who]
    return stage.ask(
        method, where, token=token, body=body, who=f"the {who}", status=status, decided=decided, missing=missing
    )


def refused_everywhere(stage: Stage, token: str, reason: str) -> None:
    for where in ("orders/orders", "inventory/stock/bolts"):
        decided = [f"{where.partition('/')[0]} {reason}"]
        answer = stage.ask("GET", where, token=token, who="with that token", status=401, decided=decided)
        stage.expect('error="invalid_token"' in answer.challenge, "the challenge does not blame the token")


def logged_in(stage: Stage, name: str) -> str:
    answer = stage.ask("POST", "accounts/login", body=login(name), who=f"the {name}", status=200)
    return str(answer.body["access_token"])


def login(name: str) -> dict[str, str]:
    return {"username": name, "password": _PASSWORDS[name]}


def encoded(value: object) -> str:
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def part(token: str, index: int) -> dict[str, Any]:
    """What the header (0) or the claims (1) of a token say."""
    segment = token.split(".")[index]
    read: dict[str, Any] = json.loads(urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    return read
