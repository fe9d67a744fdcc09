"""The face loads nothing heavy, and says all it has."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import jwt_middleware

PACKAGE = Path(__file__).parents[2] / "jwt_middleware"
HEAVY = ("asgiref", "click", "django", "fastapi", "flask", "httpx2", "redis", "rest_framework", "rich", "starlette")
FORBIDDEN = {"manager", "helper", "util", "utils", "handler", "service", "base", "common", "misc", "data"}


def says_nothing(name: str) -> bool:
    """Whether a word of ``name`` could stand in any other name as well."""
    return not FORBIDDEN.isdisjoint(word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+", name))


def loaded(code: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after ``code``."""
    report = f"{code}\nimport sys\nprint(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    command = [sys.executable, "-c", report]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


def test_the_face_loads_no_framework_and_no_http_client() -> None:
    assert loaded("import jwt_middleware").isdisjoint(HEAVY)


def test_a_start_does_not_wait_for_asyncio() -> None:
    assert "asyncio" not in loaded("import jwt_middleware")
    assert "asyncio" in loaded("import jwt_middleware.key_sources.file")  # it would be seen


def test_a_heavy_import_would_be_seen() -> None:
    assert "httpx2" in loaded("import jwt_middleware.key_sources.discovery")


def test_a_guard_with_keys_at_hand_loads_no_http_client() -> None:
    code = (
        "from jwt_middleware import Guard, TrustedIssuer\n"
        "from jwt_middleware.key_sources.static import static\n"
        "Guard(TrustedIssuer('i', audience='a', keys=static(secret='0123456789' * 4)))"
    )
    assert loaded(code).isdisjoint(HEAVY)


def test_the_list_of_names_is_sorted_and_complete() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    imported = [name.name for node in tree.body if isinstance(node, ast.ImportFrom) for name in node.names]
    constants_first = sorted(imported, key=lambda name: (not name.isupper(), name))  # as ruff sorts them
    assert constants_first == jwt_middleware.__all__


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_a_file_is_named_for_its_question_and_says_it(file: Path) -> None:
    assert not says_nothing(file.stem), "the name says nothing"
    tree = ast.parse(file.read_text(encoding="utf-8"))
    if "microservices" not in file.parts and file.stem != "__init__":
        assert ast.get_docstring(tree), "the first line says which question the file answers"
    guarded = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Try)
        and any(isinstance(inner, ast.Import | ast.ImportFrom) for step in node.body for inner in ast.walk(step))
    ]
    assert not guarded, "an import stands in a try: the plain ImportError is honest"


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_class_is_named_for_nothing(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = [node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert [name for name in names if says_nothing(name)] == []


def test_a_name_that_says_nothing_would_be_seen() -> None:
    assert all(map(says_nothing, ("service_form", "ServiceClient", "KeyManager", "utils", "token_helper")))
    assert not any(map(says_nothing, ("supabase", "database_keys", "Firebase", "metadata")))


def test_no_dataclass_has_a_default_that_python_3_11_refuses() -> None:
    core = [
        file for room in ("", "access", "verification", "keys", "issuing") for file in (PACKAGE / room).glob("*.py")
    ]
    own = [ast.parse(file.read_text(encoding="utf-8")) for file in core]
    constants = {
        node.target.id
        for tree in own
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and _is_mapping(node.value)
    }
    for tree in own:
        for cls in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
            for member in (node for node in cls.body if isinstance(node, ast.AnnAssign)):
                given = member.value
                if isinstance(given, ast.Call) and getattr(given.func, "id", "") == "field":
                    given = next((keyword.value for keyword in given.keywords if keyword.arg == "default"), None)
                assert not _is_mapping(given), f"{cls.name}: {ast.unparse(member)}"
                assert not (isinstance(given, ast.Name) and given.id in constants), f"{cls.name}: {ast.unparse(member)}"


def _is_mapping(value: ast.expr | None) -> bool:
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") == "MappingProxyType"
