"""What a person does on the page, and what they see then."""

from typing import Any


def be(page: Any, who: str) -> None:
    page.locator(f"#who-{who}").check()
    settled(page)


def press(page: Any, what: str) -> str:
    """Press the button of this wish or event; the sentence that is said about it."""
    page.locator(f"button[data-what={what}]").click()
    settled(page)
    return said(page)


def settled(page: Any) -> None:
    page.locator("#walk:not([aria-busy])").wait_for()


def said(page: Any) -> str:
    return str(page.locator("#said").inner_text())


def hops(page: Any) -> list[str]:
    """Every hop: the service and the reason code of its decision."""
    shown = page.locator(".hop").all()
    return [f"{hop.get_attribute('data-service')} {hop.get_attribute('data-reason')}" for hop in shown]


def token(page: Any) -> str:
    return str(page.locator("#token").inner_text())


def until_hops(page: Any, what: str, expected: list[str]) -> None:
    """Press until what was withdrawn a moment ago has been heard of everywhere."""
    for _ in range(50):
        press(page, what)
        if hops(page) == expected:
            return
    raise AssertionError(f"{hops(page)} instead of {expected}")
