"""The demo, run as a user runs it: what it prints, how it fails, and that it never leaves a process behind."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jwt_middleware.cli.mesh import services_folder
from jwt_middleware.cli.story import STEPS

DEMO = [sys.executable, "-P", "-m", "jwt_middleware.cli", "demo"]
ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="hands sockets down to processes, which Windows cannot")


def environment() -> dict[str, str]:
    """As outside of the checkout, with the package found there."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


def play(*options: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*DEMO, *options], env=environment(), cwd=cwd, capture_output=True, text=True, timeout=90, check=False
    )


@pytest.fixture
def services(tmp_path: Path) -> Path:
    """A copy of the services, for a test to change."""
    copy = tmp_path / "services"
    shutil.copytree(services_folder(), copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, f"{file.name} holds {old!r} {text.count(old)} times"
    file.write_text(text.replace(old, new))


@pytest.fixture
def nobody_is_left() -> Iterator[None]:
    """Every process that a demo of this test started is gone; they are known by the folder of their services."""
    before = children_running()
    yield
    deadline = time.monotonic() + 15
    while children_running() - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not children_running() - before


def children_running() -> set[int]:
    found = set()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:  # it ended meanwhile
            continue
        if b"cli/child.py" in command and f"{os.getpid()}".encode() in environ_of(process):
            found.add(int(process.name))
    return found


def environ_of(process: Path) -> bytes:
    """The variables of a process, in which each test process leaves its number."""
    try:
        variables = (process / "environ").read_bytes().split(b"\0")
    except OSError:
        return b""
    return next((each for each in variables if each.startswith(b"DEMO_TEST=")), b"")


@pytest.fixture(autouse=True)
def _leave_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_TEST", str(os.getpid()))


@pytest.mark.usefixtures("nobody_is_left")
def test_the_demo_plays_every_step_in_a_folder_of_its_own(tmp_path: Path) -> None:
    began = time.monotonic()
    demo = play(cwd=tmp_path)
    assert demo.returncode == 0, demo.stdout + demo.stderr
    assert demo.stderr == ""
    for number, step in enumerate(STEPS, 1):
        assert f"{number}/{len(STEPS)}  {step.title}" in demo.stdout
    for shown in (
        r"orders +201 admitted +clerk",
        r"orders +403 requirement_not_met clerk",
        r"missing: role manager",
        r"inventory +403 requirement_not_met clerk",
        r"missing: permission prices:read",
        r"orders +401 token_missing",
        r"inventory +401 signature_invalid",
        r"inventory +401 token_expired",
        r"\d{3,} requests, 3 keys, 0 refused",
        r"All 11 steps went as expected",
    ):
        assert re.search(shown, demo.stdout), shown
    assert "\x1b" not in demo.stdout  # colours only on a terminal
    assert max(len(line) for line in demo.stdout.splitlines() if not line.startswith("  /")) <= 80
    assert "eyJ" not in demo.stdout  # no token on the screen
    assert time.monotonic() - began < 60
    assert list(tmp_path.iterdir()) == []


SABOTAGE = {
    "accounts takes any password": ("people.py", "if hmac.compare_digest", "if True or hmac.compare_digest", 1),
    "everybody is a clerk": ("accounts.py", "roles=person.roles", 'roles=["clerk"]', 1),
    "orders asks inventory without the token": (
        "orders.py",
        'INVENTORY_URL: forward_token("inventory")',
        "INVENTORY_URL: None",
        2,
    ),
    "inventory is not guarded": ("inventory.py", '"OBSERVERS":', '"UNGUARDED_PATHS": ["/*"], "OBSERVERS":', 2),
    "orders forgot to ask for a role": ("orders.py", "caller: Manager", "caller: Staff", 3),
    "orders asks for the wrong role": ("orders.py", 'require(role("manager"))', 'require(role("auditor"))', 3),
    "inventory tells prices to everybody": ("inventory.py", '@require(permission("prices:read"))\n', "", 4),
    "the manager lost a permission": ("people.py", '"stock:write", "prices:read"]', '"stock:write"]', 5),
    "orders hands its caller's token to the partner": (
        "orders.py",
        'SHIPPING_URL: exchange_token(accounts, resource=None, audience="shipping", scopes=["parcels:send"])',
        'SHIPPING_URL: forward_token("orders")',
        6,
    ),
    "couriers may look and not deliver": ("shipping.py", '"parcels:read", "parcels:deliver"]', '"parcels:read"]', 7),
    "orders lets anybody look": (
        "orders.py",
        '@app.get("/orders")\nasync def list_orders(caller: Staff)',
        '@app.get("/orders")\n@public\nasync def list_orders(caller: Annotated[object, Depends(lambda: ours)])',
        8,
    ),
    "inventory takes any signature": (
        "inventory.py",
        "counting = threading.Lock()",
        "counting = threading.Lock()\n__import__('jwt').algorithms.ECAlgorithm.verify = lambda *_: True",
        9,
    ),
    "the expired token is not expired": ("accounts_demo.py", "time.time() - 3600", "time.time()", 10),
    "everybody may rotate": ("accounts.py", '@require(role("operator"))\n', "", 11),
    "nothing is rotated": ("accounts.py", "keys.rotate(at_once=True)", "keys", 11),
    "the old token is kept": (
        "accounts.py",
        "issuer = TokenIssuer(ISSUER",
        "issuer = Kept(ISSUER",
        11,
    ),
    "the old key is thrown away at once": (
        "accounts.py",
        "keys.rotate(at_once=True)",
        "keys.withdraw(keys.active.kid)",
        11,
    ),
    "the new key is not published": ("accounts.py", "*key_routes(issuer,", "*key_routes(FIRST,", 11),
}


KEPT = """
class Kept(TokenIssuer):
    kept: dict[str, str] = {}

    def token_for(self, account, **given):
        return self.kept.setdefault(account.subject, super().token_for(account, **given))

"""
FIRST = """
from jwt_middleware.issuing import SigningKeys

FIRST = TokenIssuer(ISSUER, SigningKeys(keys.active))
"""


def test_every_step_is_sabotaged_at_least_once() -> None:
    assert {step for _, _, _, step in SABOTAGE.values()} == set(range(1, len(STEPS) + 1))


@pytest.mark.usefixtures("nobody_is_left")
@pytest.mark.once
@pytest.mark.parametrize("name", SABOTAGE)
def test_the_demo_fails_at_the_step_that_was_sabotaged(services: Path, tmp_path: Path, name: str) -> None:
    file, old, new, step = SABOTAGE[name]
    edit(services / file, old, new)
    edit(services / "accounts.py", "\nkeys = stores", f"\n{KEPT}\nkeys = stores")
    edit(services / "accounts.py", "\nrevocations = ", f"\n{FIRST}\nrevocations = ")
    demo = play("--services", str(services), cwd=tmp_path)
    assert demo.returncode == 1, demo.stdout + demo.stderr
    assert f"NOT AS EXPECTED, step: {STEPS[step - 1].title}\n" in demo.stdout, demo.stdout
    assert "went as expected" not in demo.stdout


@pytest.mark.usefixtures("nobody_is_left")
def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        demo = play("--port-base", str(min(port, 65531)), cwd=tmp_path)
    assert demo.returncode == 1
    assert f"port {port} on 127.0.0.1 cannot be had; choose another --port-base" in demo.stderr
    assert "Traceback" not in demo.stderr


@pytest.mark.usefixtures("nobody_is_left")
def test_a_service_that_does_not_start_is_named_with_its_last_words(services: Path, tmp_path: Path) -> None:
    edit(services / "orders.py", "\nguard = Guard(", '\nraise SystemExit("no stock of paper")\nguard = Guard(')
    demo = play("--services", str(services), cwd=tmp_path)
    assert demo.returncode == 1
    assert "orders ended by itself with exit code 1\nno stock of paper" in demo.stdout.replace("  orders", "orders")


@pytest.mark.usefixtures("nobody_is_left")
def test_a_service_that_crashes_on_the_way_is_named(services: Path, tmp_path: Path) -> None:
    edit(
        services / "inventory.py",
        "    wanted = quantity_in(request)",
        "    __import__('os')._exit(7)\n    wanted = quantity_in(request)",
    )
    demo = play("--services", str(services), cwd=tmp_path)
    assert demo.returncode == 1
    assert f"step: {STEPS[1].title}" in demo.stdout
    assert "inventory ended by itself with exit code 7" in demo.stdout


@pytest.mark.usefixtures("nobody_is_left")
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_the_demo_ends_its_services(services: Path, tmp_path: Path, sent: signal.Signals) -> None:
    # The story stops in its second step, so the services run when the signal comes.
    reached = tmp_path / "reached"
    os.mkfifo(reached)
    edit(
        services / "inventory.py",
        "    wanted = quantity_in(request)",
        f"    open({str(reached)!r}, 'w').close()\n    threading.Event().wait()\n    wanted = quantity_in(request)",
    )
    demo = subprocess.Popen(
        [*DEMO, "--services", str(services)],
        env=environment(),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with demo:
        with reached.open():
            assert len(children_running()) == 4
        demo.send_signal(sent)
        out, _ = demo.communicate(timeout=60)
    assert "Traceback" not in out
    assert demo.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}[sent]
