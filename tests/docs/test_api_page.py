"""docs/api.md names every public name, and nothing that is not there."""

import ast
import importlib
import inspect
import os
import re
import time
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import jwt_middleware
from jwt_middleware import ClaimMapping, Decision, Freshness, KeyState, Principal
from jwt_middleware.config import SETTINGS
from jwt_middleware.errors import REASONS, AuthUnavailable, Forbidden, InvalidToken, MalformedRequest, MissingToken
from jwt_middleware.issuing.refusals import REFUSALS

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "jwt_middleware"
PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
SHELVES = ("key_sources", "revocation_stores", "observers")  # presets are documented by their names alone
# where the documented arguments are found; whatever is not named here is one of the face
HOMES = {
    "JWTMiddleware": "jwt_middleware.wsgi",
    "guard_from_environment": "jwt_middleware.config",
    "static": "jwt_middleware.key_sources.static",
    "file": "jwt_middleware.key_sources.file",
    "jwks_url": "jwt_middleware.key_sources.jwks_url",
    "discovery": "jwt_middleware.key_sources.discovery",
    "snapshot": "jwt_middleware.key_sources.snapshot",
    "AuditObserver": "jwt_middleware.observers.audit",
    "OpenTelemetryObserver": "jwt_middleware.observers.opentelemetry",
    "memory": "jwt_middleware.revocation_stores.memory",
    "redis": "jwt_middleware.revocation_stores.redis",
    "database": "jwt_middleware.django.revocations.store",
    "LogoutReceiver": "jwt_middleware.backchannel_logout",
    "LogObserver": "jwt_middleware.observers.log",
    "SigningKeys": "jwt_middleware.issuing",
    "TokenIssuer": "jwt_middleware.issuing",
    "Sessions": "jwt_middleware.issuing",
    "ClientEndpoints": "jwt_middleware.issuing",
    "RegisteredClient": "jwt_middleware.issuing",
    "MemoryThrottle": "jwt_middleware.issuing",
    "session_cookies": "jwt_middleware.issuing",
    "key_directory": "jwt_middleware.issuing.key_directory",
    "LocalIssuer": "jwt_middleware.testing",
    "Carrier": "jwt_middleware.client",
    "HandOver": "jwt_middleware.hand_over",
    "TokenEndpoint": "jwt_middleware.client",
    "client_credentials": "jwt_middleware.client",
    "exchange_token": "jwt_middleware.client",
    "private_key_jwt": "jwt_middleware.client",
    "assert_routes": "jwt_middleware.testing.routes",
}

OF_DJANGO = ("database",)

Table = list[list[str]]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]


def tables(page: str) -> list[tuple[list[str], Table]]:
    """Every table with the headings that stand above it, the outermost first."""
    found: list[tuple[list[str], Table]] = []
    above: dict[int, str] = {}
    lines = page.splitlines()
    for number, line in enumerate(lines):
        heading = re.match(r"(#+) (.*)", line)
        if heading:
            level = len(heading[1])
            above = {each: text for each, text in above.items() if each < level} | {level: heading[2]}
        starts = line.startswith("|") and not lines[number - 1].startswith("|")
        if starts:
            end = next((i for i in range(number, len(lines)) if not lines[i].startswith("|")), len(lines))
            found.append((list(above.values()), [cells(each) for each in [line, *lines[number + 2 : end]]]))
    return found


TABLES = tables(PAGE)


def span(cell: str) -> str:
    found = re.match(r"`([^`]+)`", cell)
    assert found, cell
    return found[1]


def named(first: str, *, under: str = "") -> list[Table]:
    return [table for above, table in TABLES if table[0][0] == first and any(under in each for each in above)]


def documented() -> dict[str, set[str]]:
    """The names of each public module."""
    names: dict[str, set[str]] = {}
    for above, table in TABLES:
        modules = [m[1] for each in above if (m := re.search(r"`(jwt_middleware[\w.]*)`", each))]
        if table[0][0] == "name" and modules:
            names.setdefault(modules[-1], set()).update(span(row[0]) for row in table[1:])
    for row in named("door")[0][1:]:
        names[span(row[0])] = set(re.findall(r"`(\w+)`", row[1]))
    return names


def source_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def exports(source: Path) -> set[str] | None:
    """``__all__``, read and not imported: no framework needs to be installed for this test."""
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and [ast.unparse(target) for target in node.targets] == ["__all__"]:
            return set(ast.literal_eval(node.value))
    return None


def defined(source: Path) -> set[str]:
    tree = ast.parse(source.read_text(encoding="utf-8"))
    return {
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_")
    }


def modules_with_exports() -> set[str]:
    found = set()
    for source in PACKAGE.rglob("*.py"):
        if "microservices" not in source.parts and exports(source) is not None:
            parts = source.relative_to(ROOT).with_suffix("").parts
            found.add(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return found


@pytest.mark.parametrize("module", sorted(documented()))
def test_a_documented_module_has_exactly_the_documented_names(module: str) -> None:
    source = source_of(module)
    assert source.is_file(), f"{module} is documented and does not exist"
    exported = exports(source)
    if exported is not None:
        assert documented()[module] == exported
    else:
        assert documented()[module] <= defined(source)


@pytest.mark.parametrize("module", sorted(modules_with_exports()))
def test_a_module_that_exports_names_is_documented(module: str) -> None:
    assert module in documented()


def test_every_file_on_a_shelf_is_documented() -> None:
    shelved = {
        f"jwt_middleware.{shelf}.{source.stem}"
        for shelf in SHELVES
        for source in (PACKAGE / shelf).glob("*.py")
        if source.stem != "__init__"
    }
    assert shelved
    assert shelved <= set(documented()) | {f"jwt_middleware.{shelf}" for shelf in SHELVES}


def test_each_name_of_the_face_is_explained_once() -> None:
    rows = [span(row[0]) for table in named("name", under="`jwt_middleware`") for row in table[1:]]
    assert sorted(rows) == sorted(jwt_middleware.__all__)


def test_every_name_behind_a_door_is_explained() -> None:
    doors = {name for row in named("door")[0][1:] for name in re.findall(r"`(\w+)`", row[1])}
    explained = {span(row[0]) for table in named("name", under="The doors") for row in table[1:]}
    assert doors <= explained | set(jwt_middleware.__all__)
    assert explained <= doors


def test_every_setting_is_documented() -> None:
    (table,) = named("setting")
    conf = (PACKAGE / "django" / "conf.py").read_text(encoding="utf-8")
    found = re.search(r"_DOOR: Final = frozenset\((.*?)\)", conf, re.DOTALL)
    assert found, "the settings of the Django door are not where this test looks for them"
    assert {span(row[0]) for row in table[1:]} == SETTINGS | set(ast.literal_eval(found[1]))


def test_every_reason_code_stands_in_the_table_with_its_sentence() -> None:
    (table,) = named("code")
    assert {span(row[0]): row[2] for row in table[1:]} == dict(REASONS)


def test_reason_codes_have_the_status_of_the_errors_that_carry_them() -> None:
    (table,) = named("code")
    status = {span(row[0]): int(row[1]) for row in table[1:]}
    for error in (MalformedRequest(), MissingToken(), InvalidToken(), Forbidden(), AuthUnavailable()):
        assert status[error.reason] == error.status
    raised: dict[str, set[str]] = {}
    for source in PACKAGE.rglob("*.py"):
        text = source.read_text(encoding="utf-8")
        for kind, code in re.findall(
            r"\b(MalformedRequest|MissingToken|InvalidToken|Forbidden|AuthUnavailable)\(\s*\"(\w+)\"", text
        ):
            raised.setdefault(kind, set()).add(code)
    assert raised
    for kind, codes in raised.items():
        wanted = getattr(jwt_middleware, kind).status
        assert {status[code] for code in codes} == {wanted}, (kind, codes)


def test_every_issuing_setting_is_documented() -> None:
    (table,) = named("issuing setting")
    written = {span(row[0]) for row in table[1:]}
    folder = PACKAGE / "django" / "issuing"
    conf, wiring = ((folder / name).read_text(encoding="utf-8") for name in ("conf.py", "wiring.py"))
    heads = (
        conf[conf.index("_FUNCTIONS: Final") : conf.index("class _Current")]
        + wiring[wiring.index("KEYS_SETTINGS: Final") : wiring.index("@dataclass")]
    )
    assert written == set(re.findall(r'"([A-Z][A-Z_]+)"', heads))


def test_every_refusal_of_the_endpoints_is_documented() -> None:
    (table,) = named("answer")
    written = {span(row[0]): (int(row[1]), row[2].strip("`")) for row in table[1:]}
    assert written == {code: (each.status, each.error) for code, each in REFUSALS.items()}


ARGUMENTS = {
    m[1]: table
    for above, table in TABLES
    if table[0][0] == "argument" and (m := re.fullmatch(r"Arguments of `(\w+)`", above[-1]))
}


def default_of(parameter: inspect.Parameter) -> str:
    if parameter.default is inspect.Parameter.empty:
        return ""
    if parameter.default in (time.time, time.monotonic):
        return f"`time.{parameter.default.__name__}`"
    if inspect.isfunction(parameter.default):
        return f"`{parameter.default.__name__}`"
    if isinstance(parameter.default, ClaimMapping | Freshness):
        kind = type(parameter.default)
        return f"`{kind.__name__}()`" if parameter.default == kind() else repr(parameter.default)
    if isinstance(parameter.default, tuple) and parameter.default:
        return f"`({', '.join(each.__name__ for each in parameter.default)},)`"
    if repr(parameter.default) == "<factory>":  # an empty table, which Python 3.11 takes from a factory only
        return "`{}`"
    if isinstance(parameter.default, MappingProxyType):
        return f"`{dict(parameter.default)!r}`"
    if isinstance(parameter.default, timedelta):
        return f"`datetime.timedelta(days={parameter.default.days})`"
    return f"`{parameter.default!r}`"


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_arguments_and_defaults_are_those_of_the_code(name: str) -> None:
    if name in OF_DJANGO:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.django_settings")
        pytest.importorskip("django", reason="needs the package django").setup()
    home: Any = importlib.import_module(HOMES.get(name, "jwt_middleware"))
    parameters = inspect.signature(getattr(home, name)).parameters.values()
    written = [(span(row[0]), row[1]) for row in ARGUMENTS[name][1:]]
    starred = [f"*{each.name}" if each.kind is each.VAR_POSITIONAL else each.name for each in parameters]
    assert written == list(zip(starred, map(default_of, parameters), strict=True))


def test_the_arguments_of_the_declarations_are_all_there() -> None:
    assert {"Guard", "TrustedIssuer", "Freshness", "ClaimMapping", "JWTMiddleware", *HOMES} <= set(ARGUMENTS)


@pytest.mark.parametrize("kind", [Principal, Decision, KeyState])
def test_what_a_value_says_is_documented(kind: Any) -> None:
    above_table = {Principal: "Who is calling", Decision: "What was decided", KeyState: "Arguments of `Guard`"}[kind]
    (table,) = named("attribute", under=above_table)
    written = {span(row[0]) for row in table[1:]}
    assert {field.name for field in fields(kind)} <= written
    assert all(hasattr(kind, name) for name in written)


def test_every_link_leads_to_a_heading() -> None:
    anchors = {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", PAGE, re.MULTILINE)
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= anchors
