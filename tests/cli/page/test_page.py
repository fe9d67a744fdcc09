"""The page in a real browser: everybody, everything that they may want, and everything that may happen."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from jwt_middleware.cli.page.offers import EVENTS, PLAYERS, WISHES

from .conftest import TOKEN
from .pressing import be, hops, press, said, settled, token, until_hops
from .serving import Served

Open = Callable[..., Any]

NOT_ALLOWED, NOT_MEANT = ["orders requirement_not_met"], ["orders audience_mismatch"]
AT_ORDERS = ("order", "value", "ship", "cancel", "south", "north")
LOOKS = (200, ["orders admitted", "inventory admitted"])
# who, and what becomes of each of their wishes: the status, and the decision of every service on the way
EXPECTED: Mapping[str, Mapping[str, tuple[int, list[str]]]] = {
    "clerk": {
        "look": LOOKS,
        "order": (201, ["orders admitted", "inventory admitted"]),
        "value": (403, ["orders admitted", "inventory requirement_not_met"]),
        "ship": (200, ["orders admitted", "shipping admitted"]),
        "cancel": (403, NOT_ALLOWED),
        "restock": (403, ["inventory requirement_not_met"]),
        "south": (403, NOT_ALLOWED),
        "north": (403, NOT_ALLOWED),
        "deliver": (401, ["shipping audience_mismatch"]),
    },
    "manager": {
        "look": LOOKS,
        "order": (201, ["orders admitted", "inventory admitted"]),
        "value": (200, ["orders admitted", "inventory admitted"]),
        "ship": (200, ["orders admitted", "shipping admitted"]),
        "cancel": (200, ["orders admitted"]),
        "restock": (200, ["inventory admitted"]),
        "south": (403, NOT_ALLOWED),
        "north": (403, NOT_ALLOWED),
        "deliver": (401, ["shipping audience_mismatch"]),
    },
    "auditor": {
        "look": LOOKS,
        **dict.fromkeys(("order", "value", "ship", "cancel", "north"), (403, NOT_ALLOWED)),
        "restock": (403, ["inventory requirement_not_met"]),
        "south": (200, ["orders admitted"]),
        "deliver": (401, ["shipping audience_mismatch"]),
    },
    "partner": {
        **dict.fromkeys(("look", *AT_ORDERS), (401, NOT_MEANT)),
        "restock": (401, ["inventory issuer_untrusted"]),
        "deliver": (200, ["shipping admitted", "orders admitted"]),
    },
    "nobody": {
        "look": (200, ["orders public", "inventory admitted"]),
        **dict.fromkeys(AT_ORDERS, (401, ["orders token_missing"])),
        "restock": (401, ["inventory token_missing"]),
        "deliver": (401, ["shipping token_missing"]),
    },
}


def test_nobody_and_nothing_is_left_out() -> None:
    assert set(EXPECTED) == {player.name for player in PLAYERS}
    for wishes in EXPECTED.values():
        assert set(wishes) == {wish.name for wish in WISHES}


@pytest.mark.parametrize("who", EXPECTED)
def test_every_wish_of_everybody_walks_as_it_should(open_page: Open, who: str) -> None:
    page = open_page()
    be(page, who)
    for what, (status, decided) in EXPECTED[who].items():
        sentence = press(page, what)
        assert (what, hops(page)) == (what, decided)
        assert page.locator("#shown > .sent").last.inner_text() == f"You get the status {status}."
        assert ("Done" in sentence) == (status < 400)
        assert page.locator(".hop").count() == page.locator(".place .step").count()


def test_a_hop_shows_who_called_with_what_what_was_demanded_and_why(open_page: Open) -> None:
    page = open_page()
    be(page, "manager")
    press(page, "ship")
    at_orders, at_shipping = page.locator(".hop").all()
    for text in (
        "the caller's token",
        "manager a person of north, known to accounts",
        "role('clerk') | role('manager')",
    ):
        assert text in at_orders.inner_text()
    for text in ("exchanged: orders acts (exchange_token)", "orders acts for them", "scope('parcels:send')", "Let in"):
        assert text in at_shipping.inner_text()
    assert "prices:read" not in at_shipping.inner_text()  # the exchanged token brings what was asked for, and no more
    be(page, "clerk")
    press(page, "value")
    refusing = page.locator(".hop").last.inner_text()
    for text in ("forwarded (forward_token)", "permission('prices:read')", "Refused"):
        assert text in refusing
    assert "the caller has permissions ['stock:read', 'stock:reserve']" in refusing
    assert page.locator(".hop .checks .no").inner_text().split() == ["failed:", "requirement", "met"]
    assert "Missing: permission prices:read." in said(page)
    be(page, "nobody")
    press(page, "look")
    assert "a token of orders itself (client_credentials)" in page.locator(".hop").last.inner_text()


@pytest.mark.parametrize(("who", "what", "service"), [("clerk", "order", "orders"), ("partner", "deliver", "shipping")])
def test_a_token_that_something_happened_to_is_refused(open_page: Open, who: str, what: str, service: str) -> None:
    page = open_page()
    be(page, who)
    for event, state, reason in (
        ("tamper", "tampered", "signature_invalid"),
        ("expire", "expired", "token_expired"),
        ("end", "ended", "token_revoked"),
    ):
        press(page, event)
        assert token(page).startswith(state)
        until_hops(page, what, [f"{service} {reason}"])
        assert page.locator("#said.no").count() == 1
    assert press(page, "renew") == "A new token."
    press(page, what)
    assert hops(page)[0] == f"{service} admitted"


def test_a_rotation_refuses_nobody_and_the_next_token_is_signed_with_the_new_key(open_page: Open) -> None:
    page = open_page()
    be(page, "clerk")
    press(page, "renew")
    before = token(page).partition("with key ")[2][:8]
    press(page, "rotate")
    press(page, "order")
    assert hops(page) == ["orders admitted", "inventory admitted"]
    assert before in token(page)
    press(page, "renew")
    assert before not in token(page)
    press(page, "order")
    assert hops(page) == ["orders admitted", "inventory admitted"]


def test_without_accounts_what_is_known_goes_on_and_what_is_new_does_not(open_page: Open) -> None:
    page = open_page()
    be(page, "clerk")
    press(page, "renew")  # a token of which orders has exchanged none yet
    press(page, "order")
    assert "accounts is stopped" in press(page, "stop")
    try:
        assert page.locator(".place.stopped b").inner_text() == "accounts"
        press(page, "order")
        assert hops(page) == ["orders admitted", "inventory admitted"]
        assert "a token for another service cannot be had at the moment" in press(page, "ship")
        assert page.locator(".hop .status").first.inner_text() == "503"
        assert "accounts does not answer" in press(page, "renew")
    finally:
        assert "runs again" in press(page, "start")
    assert page.locator(".place.stopped").count() == 0
    press(page, "renew")
    press(page, "ship")
    assert hops(page)[:1] == ["orders admitted"]


def test_every_button_was_pressed_in_these_tests() -> None:
    pressed = set(re.findall(r'press\(page, "(\w+)"\)', Path(__file__).read_text()))
    looped = {"tamper", "expire", "end"}
    assert {event.name for event in EVENTS} <= pressed | looped


def test_all_of_it_works_by_the_keyboard_alone(open_page: Open) -> None:
    page = open_page()
    focused = "document.activeElement.textContent || document.activeElement.value"
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Skip to the walk"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "clerk"
    page.keyboard.press("ArrowDown")
    settled(page)
    assert page.evaluate(focused) == "manager"
    titles = {wish.name: wish.title for wish in WISHES}
    titles |= {event.name: event.title for event in EVENTS if event.name != "start"}  # which takes the place of "stop"
    for name, title in titles.items():
        page.keyboard.press("Tab")
        assert page.evaluate(focused) == title
        assert page.evaluate(outline) == "solid"  # whoever looks sees where they are
        if name in ("cancel", "tamper"):
            page.keyboard.press("Enter" if name == "cancel" else "Space")
            settled(page)
            assert page.evaluate(focused) == title  # and stays there
    assert "manager" in page.locator(".player:has(:checked)").inner_text().lower()
    assert token(page).startswith("tampered")
    press(page, "renew")


def test_it_is_labelled_for_those_who_do_not_see_it(open_page: Open) -> None:
    page = open_page()
    for role in ("banner", "navigation", "main", "contentinfo"):
        assert page.get_by_role(role).count() == 1, role
    assert page.get_by_role("group", name="Who are you?").get_by_role("radio").count() == len(PLAYERS)
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("status").get_attribute("aria-live") == "polite"
    be(page, "nobody")
    assert page.get_by_role("button", name="Tamper with it").get_attribute("aria-disabled") == "true"
    page.get_by_role("button", name="Tamper with it").click(force=True)
    assert page.locator("#said").inner_text().startswith("Choose")
    press(page, "order")
    assert page.get_by_role("list", name="Checks, in order").get_by_role("listitem").count() == 1
    assert page.locator("img:not([alt])").count() == 0


LOOKS_LIKE = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 360, "height": 740}},
}
CONTRASTS = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((n) => n / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return numbers(colour)[3] === 0 ? behind(element.parentElement) : colour;
  };
  const texts = [...document.querySelectorAll("body *")].filter((each) =>
    each.offsetWidth > 1 && [...each.childNodes].some((node) => node.nodeType === 3 && node.data.trim()));
  return texts.map((each) => {
    const [a, b] = [light(getComputedStyle(each).color), light(behind(each))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), each.outerHTML.slice(0, 80)];
  });
}"""


@pytest.mark.parametrize("look", LOOKS_LIKE)
def test_it_can_be_read_in_light_in_dark_and_on_a_telephone(open_page: Open, screenshots: Path, look: str) -> None:
    page = open_page(**LOOKS_LIKE[look])
    for who, what in (("manager", "ship"), ("clerk", "value")):
        be(page, who)
        press(page, what)
        page.screenshot(path=screenshots / f"{look}-{what}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        measured = page.evaluate(CONTRASTS)
        assert len(measured) > 40
        assert [text for ratio, text in measured if ratio < 4.5] == []  # WCAG 2.2, 1.4.3
        box = page.locator("#said").bounding_box()
        assert 0 <= box["y"] < page.viewport_size["height"]  # what came of it is in sight
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 18, 26)"
    assert dark == (look == "dark")


def test_no_token_and_no_secret_leaves_the_process_that_holds_it(
    open_page: Open, served: Served, heard: list[str]
) -> None:
    page = open_page()
    for who in ("clerk", "partner"):
        be(page, who)
        for what in (
            "renew",
            "order",
            "ship",
            "deliver",
            "tamper",
            "order",
            "expire",
            "order",
            "end",
            "order",
            "renew",
        ):
            press(page, what)
    logs = [each.read_text() for each in served.demo.glob("*.log")]
    assert len(logs) == 4
    assert all("decision" in log for log in logs)
    texts = [*heard, *logs, served.said, page.content()]
    secrets = [each.read_text().strip() for each in (served.demo / "secrets").iterdir()]
    assert len(secrets) == 6
    for text in texts:
        assert not TOKEN.findall(text)
        assert not [secret for secret in secrets if secret in text]


def test_the_search_would_find_a_token(mint: Callable[..., str]) -> None:
    header, claims, _ = mint().split(".")
    for text in (mint(), header, claims, f'{{"a": "{mint()[30:]}"}}'):
        assert TOKEN.search(text)
