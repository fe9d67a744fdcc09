"""One run: the mesh is started, callers get tokens, locust sends, things fail, everything is stopped, and judged."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .happenings import Happenings, Schedule
from .judging import Answer, Token
from .outages import Outage
from .processes import MODULES, Mesh
from .routes import NORTHERN
from .wallet import Wallet

ROOT: Final = Path(__file__).parents[2]
_ARRIVALS: Final = Path(__file__).with_name("arrivals.py")


@dataclass(frozen=True)
class Seen:
    """All that the judgement needs, and nothing of the processes, which have ended."""

    seconds: float
    rate: float
    seed: int
    answers: list[Answer]
    tokens: list[Token]
    outages: list[Outage]
    counts: Mapping[str, int]
    unexplained: list[str]
    logs: Mapping[str, str]
    secrets: list[str]


def run(seconds: float, rate: float, seed: int, planted: Mapping[str, tuple[str, str]]) -> Seen:
    """Raises RuntimeError where something did not start."""
    with tempfile.TemporaryDirectory(prefix="jm-mesh-") as place:
        folder = Path(place)
        mesh = Mesh(folder, planted)
        try:
            mesh.start()
            wallet = Wallet(mesh, folder / "wallet.json")
            wallet.fill()
            happenings = Happenings(mesh, wallet)
            _prepare(wallet)
            answers = _load(folder, mesh, happenings, seconds, rate, seed)
            wallet.close()
        finally:
            mesh.stop()
        return Seen(
            seconds,
            rate,
            seed,
            answers,
            wallet.tokens,
            happenings.outages,
            happenings.counts,
            happenings.unexplained(),
            {name: mesh.log(name).read_text(errors="replace") for name in MODULES},
            [each.read_text(errors="replace") for each in sorted(mesh.secrets.iterdir())],
        )


def _prepare(wallet: Wallet) -> None:
    """Order 1 has been shipped, as parcel 1; the south has an order, too."""
    for _ in range(NORTHERN):
        wallet.ask("clerk", "orders", "POST", "/orders", json={"item": "bolts", "quantity": 1})
    wallet.ask("southern-clerk", "orders", "POST", "/orders", json={"item": "bolts", "quantity": 1})
    wallet.ask("clerk", "orders", "POST", "/orders/1/ship")


def _load(folder: Path, mesh: Mesh, happenings: Happenings, seconds: float, rate: float, seed: int) -> list[Answer]:
    answers = folder / "answers.jsonl"
    said = {
        "addresses": mesh.addresses,
        "wallet": str(folder / "wallet.json"),
        "answers": str(answers),
        "seed": seed,
        "rate": rate,
        "seconds": seconds,
    }
    options = ["--headless", "-u", "1", "-r", "1", "--only-summary", "--exit-code-on-error", "0"]
    with mesh.log("locust").open("wb") as log:
        locust = subprocess.Popen(
            [sys.executable, "-m", "locust", "-f", str(_ARRIVALS), *options],
            cwd=ROOT,
            env={**os.environ, "MESH": json.dumps(said), "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
        try:
            while not answers.exists() and locust.poll() is None:
                time.sleep(0.02)  # it says nothing when it begins
            happenings.begin(Schedule(seconds))
            locust.wait(seconds + 60)
        finally:
            locust.kill()
            locust.wait()
            happenings.end()
    if locust.returncode != 0 or not answers.exists():
        raise RuntimeError(f"locust ended with {locust.returncode}:\n{mesh.log('locust').read_text()[-3000:]}")
    return [Answer(**json.loads(line)) for line in answers.read_text(encoding="utf-8").splitlines()]
