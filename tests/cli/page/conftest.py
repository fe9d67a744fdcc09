"""One demo and one browser for each module; what a page does beyond what it should fails the test that did it."""

import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .serving import Served

FLAGS = [
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
# a signed token, or the beginning of its header or claims: base64url of {" and of what follows
TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}")


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    if sys.platform == "win32":
        pytest.skip("hands sockets down to processes, which Windows cannot")
    for package in ("click", "rich", "uvicorn", "fastapi", "django", "redis"):
        pytest.importorskip(package, reason=f"needs the package {package}")
    served = Served()
    yield served
    served.clean()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs the package playwright")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("needs chromium")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Kept beside what else this run leaves, for whoever wants to look."""
    return tmp_path_factory.mktemp("screenshots")


@pytest.fixture
def heard() -> list[str]:
    """The body of everything that the browser got in this test."""
    return []


@pytest.fixture
def open_page(browser: Any, served: Served, heard: list[str]) -> Iterator[Callable[..., Any]]:
    """Opens the page in a fresh profile; keywords are those of a Playwright context."""
    contexts, wrong = [], []

    def sent(request: Any) -> None:
        if not request.url.startswith(f"{served.url}/"):
            wrong.append(f"beyond: {request.url}")

    def opened(**options: Any) -> Any:
        context = browser.new_context(**{"reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("request", sent)
        page.on("response", lambda answer: heard.append(answer.text()))
        page.set_default_timeout(10_000)
        page.goto(served.url)
        page.wait_for_selector("html[data-ready]", state="attached")
        return page

    yield opened
    for context in contexts:
        heard += [page.content() for page in context.pages]
        context.close()
    assert wrong == []
    assert not [found for text in heard for found in TOKEN.findall(text)]
