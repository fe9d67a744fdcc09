"""A guarded application and a bare one at the same time, on one core, with wrk on another."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from ..figures import Figure
from ..rounds import ratio_of
from ..samples import KEYS, MANY, bad_tokens, token, tokens
from .server import SERVERS, Running, running

ALGORITHM: Final = "RS256"
RUNS: Final = 3  # in each process; a record is made of three
SECONDS: Final = 2
CONNECTIONS: Final = 16
# contestant → the application that is served, and how many tokens come in turns
CONTESTANTS: Final = {
    "jwt_middleware, warm": ("ours", 1_000),
    "jwt_middleware, cold": ("ours", MANY),
    "ASGI middleware by hand, PyJWT": ("pyjwt", 1_000),
}
_SCRIPT: Final = Path(__file__).with_name("tokens.lua")


@dataclass(frozen=True, slots=True)
class Tokens:
    """What wrk asks with: a token a line, and the line to begin with."""

    file: Path
    start: int


@dataclass(frozen=True, slots=True)
class Run:
    """Processor time per request over the bare one's, requests over the bare one's, and how many there were."""

    cost: float
    kept: float
    answered: int


def figures(*, peers: bool) -> list[Figure]:
    """Nothing where wrk, a server or a second core is missing."""
    cores = sorted(os.sched_getaffinity(0))
    if shutil.which("wrk") is None or shutil.which("taskset") is None or len(cores) < 2:
        return []
    found = []
    with TemporaryDirectory() as folder:
        os.environ[KEYS] = folder  # servers sign with, and trust, the same keys
        for server in SERVERS:
            if find_spec(server) is not None:
                for name in CONTESTANTS:
                    found += _of(server, name, Path(folder), cores)
    return found


def _of(server: str, name: str, folder: Path, cores: list[int]) -> list[Figure]:
    application, different = CONTESTANTS[name]
    file = folder / f"{different}.txt"
    if not file.exists():
        file.write_bytes(b"\n".join(tokens(ALGORITHM, MANY)[:different]) + b"\n")
    runs, asked = [], 0
    with running(server, application, cores[0]) as guarded, running(server, "bare", cores[0]) as bare:
        if not _refuses_what_it_must(guarded):
            return []
        for _ in range(RUNS + 1):
            start = asked % different  # goes on where the last run ended: what it met just now would be warm
            run = _ask(guarded, bare, Tokens(file, start), cores[1])
            asked += run.answered + CONNECTIONS
            runs.append(run)
    del runs[0]  # in which whoever remembers tokens has met them
    return [
        Figure("sockets", server, f"{name}: processor time per request / bare", ratio_of([each.cost for each in runs])),
        Figure("sockets", server, f"{name}: requests per second kept", ratio_of([each.kept for each in runs])),
    ]


def _ask(guarded: Running, bare: Running, tokens: Tokens, core: int) -> Run:
    before = [each.processor_seconds() for each in (guarded, bare)]
    asking = [_wrk(each.port, tokens, core) for each in (guarded, bare)]
    answered = [_answered(each) for each in asking]
    after = [each.processor_seconds() for each in (guarded, bare)]
    cost = [(end - start) / count for start, end, count in zip(before, after, answered, strict=True)]
    return Run(cost[0] / cost[1], answered[0] / answered[1], answered[0])


def _wrk(port: int, tokens: Tokens, core: int) -> "subprocess.Popen[str]":
    options = ["-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", "-s", str(_SCRIPT)]
    command = ["taskset", "-c", str(core), "wrk", *options, f"http://127.0.0.1:{port}/orders"]
    command += ["--", str(tokens.file), str(tokens.start)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _answered(process: "subprocess.Popen[str]") -> int:
    output, _ = process.communicate(timeout=60)
    said = json.loads(output.strip().splitlines()[-1])
    if said["bad"] or not said["requests"]:
        raise RuntimeError(f"a server answered {said['bad']} of {said['requests']} requests badly")
    return int(said["requests"])


def _refuses_what_it_must(guarded: Running) -> bool:
    statuses = {
        name: _status(guarded, text) for name, text in {**bad_tokens(ALGORITHM), "good": token(ALGORITHM)}.items()
    }
    return statuses.pop("good") == 200 and all(status == 401 for status in statuses.values())


def _status(server: Running, text: str) -> int:
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/orders", headers={"Authorization": f"Bearer {text}"})
    status = connection.getresponse().status
    connection.close()
    return status
