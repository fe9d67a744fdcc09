"""docs/providers.md speaks of every preset, and each of its calls can be made."""

import inspect
import re
from pathlib import Path
from typing import Any, Final

import pytest

from jwt_middleware import Guard, TrustedIssuer, presets, token_in_header
from jwt_middleware.config import guard_from
from jwt_middleware.key_sources.jwks_url import jwks_url
from jwt_middleware.key_sources.static import static
from tests import tokens
from tests.presets.signing import PEM

PAGE: Final = (Path(__file__).parents[2] / "docs" / "providers.md").read_text(encoding="utf-8")
BLOCKS: Final = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
NAMES: Final = sorted(set(presets.__all__) - {"Options"})
# what readers put in for the words in capitals
FILLED: Final = {
    "OTHER_TENANT_ID": "1d101d67-0146-587c-ad7b-6573903dc324",
    "TENANT_ID": "dc4099e0-44fe-5ccb-a7b3-377ed3c1b408",
}
HANDED_IN: Final[dict[str, Any]] = {
    **{name: getattr(presets, name) for name in NAMES},
    "Guard": Guard,
    "TrustedIssuer": TrustedIssuer,
    "static": static,
    "token_in_header": token_in_header,
    "jwks_url": lambda url, **_: jwks_url(url),  # the files are those of a cluster
    "VERIFIER_KEY": tokens.private_key("ec").public_key().public_bytes(*PEM),
    "SECRET": "0123456789" * 4,
    "LEGACY_JWT_SECRET": "0123456789" * 4,
}


def filled(block: str) -> str:
    for word, value in FILLED.items():
        block = re.sub(rf"\b{word}\b", value, block)
    return block


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("(")[0].strip())
def test_every_example_can_be_written(block: str) -> None:
    exec(compile(filled(block), "docs/providers.md", "exec"), dict(HANDED_IN))  # the page is ours


def test_the_example_of_the_settings_makes_a_guard() -> None:
    (block,) = [block for block in BLOCKS if "PRESET" in block]
    found: dict[str, Any] = {}
    exec(compile(block, "docs/providers.md", "exec"), found)
    assert guard_from(found["JWT_MIDDLEWARE"]).trusted[0].issuer == "https://sso.example.com/realms/acme"


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_has_an_example_and_says_what_is_not_settled(name: str) -> None:
    (section,) = [part for part in PAGE.split("\n## ")[1:] if re.search(rf"^ *{name}\(", part, re.MULTILINE)]
    assert re.search(r"not\s+settled|unsettled", section, re.IGNORECASE) or name == "shared_secret"


@pytest.mark.parametrize("name", NAMES)
def test_every_docstring_links_a_page_and_says_what_is_not_settled(name: str) -> None:
    written = inspect.getdoc(getattr(presets, name)) or ""
    assert len(re.findall(r"^https://\S+$", written, re.MULTILINE)) == 1
    assert "Not settled: " in written
