"""The page's own small site: it answers to this machine, to itself, and to nothing else; and it ends as it began."""

import json
import signal
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from .serving import Served


@pytest.fixture
def another() -> Iterator[Served]:
    served = Served()
    yield served
    served.clean()


def ask(served: Served, method: str, path: str, body: object = None, **headers: str) -> tuple[int, dict[str, str], str]:
    """One request with exactly these headers; what a browser would write is written unless it is given."""
    sent = {"host": f"127.0.0.1:{served.port}", **{name.replace("_", "-"): value for name, value in headers.items()}}
    if method == "POST":
        sent = {"origin": served.url, "content-type": "application/json", **sent}
    connection = HTTPConnection("127.0.0.1", served.port, timeout=10)
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    connection.request(
        method, path, text if method == "POST" else None, {name: each for name, each in sent.items() if each}
    )
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


@pytest.mark.parametrize("path", ["/", "/page.css", "/page.js", "/walk.js", "/icon.svg", "/offers", "/nowhere"])
def test_every_answer_tells_browsers_to_take_nothing_from_elsewhere(served: Served, path: str) -> None:
    status, headers, content = ask(served, "GET", path)
    assert status == (404 if path == "/nowhere" else 200)
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert (headers["x-content-type-options"], headers["cache-control"]) == ("nosniff", "no-store")
    for inline in ("<style", " style=", "onclick", "<script>", "javascript:", "https://", "//cdn"):
        assert inline not in content


QUESTION = {"who": "nobody", "what": "order"}


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "127.0.0.1"},
        {"host": "127.0.0.1:1"},
        {"origin": ""},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/act", "/happen", "/state"])
def test_what_another_site_sends_is_refused(served: Served, path: str, headers: dict[str, str]) -> None:
    assert ask(served, "POST", path, {**QUESTION, "what": "stop"}, **headers)[0] == 403


@pytest.mark.parametrize("path", ["/", "/offers", "/page.js"])
def test_a_name_of_somebody_elses_that_leads_here_shows_nothing(served: Served, path: str) -> None:
    status, headers, content = ask(served, "GET", path, host=f"evil.example:{served.port}")
    assert (status, content) == (403, "this page answers to itself alone")
    assert "content-security-policy" in headers


def test_it_answers_to_both_of_its_names_and_to_itself(served: Served) -> None:
    for name in ("127.0.0.1", "localhost"):
        host = f"{name}:{served.port}"
        status, _, content = ask(served, "POST", "/act", QUESTION, host=host, origin=f"http://{host}")
        assert (status, json.loads(content)["walk"]["status"]) == (200, 401)
    assert ask(served, "POST", "/act", QUESTION, host=f"localhost:{served.port}")[0] == 403  # of the other name


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"x", b"[]", b"1", b'"who"', b"{}", b'{"what": "order"}', b"\xff"),
        *({"who": "operator", "what": "order"}, {"who": "stagehand", "what": "order"}, {"who": "clerk", "what": "x"}),
        *({"who": "nobody", "what": ["order"]}, {"who": "clerk"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", ["/act", "/happen"])
def test_what_is_not_offered_is_not_done(served: Served, path: str, body: object) -> None:
    status, _, content = ask(served, "POST", path, body)
    assert (status, list(json.loads(content))) == (400, ["error"])


@pytest.mark.parametrize("event", ["tamper", "expire", "end", "renew"])
def test_nothing_happens_to_a_token_that_nobody_has(served: Served, event: str) -> None:
    assert ask(served, "POST", "/happen", {"who": "nobody", "what": event})[0] == 400


def test_nobody_sends_more_than_a_question(served: Served) -> None:
    assert ask(served, "POST", "/act", b" " * 2000)[0] == 413
    assert ask(served, "PUT", "/act")[0] in (403, 405)


def test_it_listens_on_loopback_alone(served: Served) -> None:
    listening = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    places = {row[1] for row in listening if row[3] == "0A" and row[1].endswith(f":{served.port:04X}")}
    assert places == {f"0100007F:{served.port:04X}"}


def everything_ends(served: Served) -> None:
    until = time.monotonic() + 15
    while served.processes() and time.monotonic() < until:
        time.sleep(0.02)
    assert served.processes() == set()


def test_what_is_killed_leaves_no_process_behind(another: Served) -> None:
    assert len(another.processes()) >= 7  # itself, four services, a Redis and the shell that ends it
    assert another.end(signal.SIGKILL)[0] == -9
    everything_ends(another)


def test_ctrl_c_ends_everything_and_leaves_nothing(served: Served) -> None:  # the last of this module, which it ends
    code, said = served.end()
    assert code == 130
    assert "Logouts are heard through a Redis of this demo's own." in said
    assert said.endswith("Interrupted; everything is stopped.\n")
    everything_ends(served)
    assert list(served.place.iterdir()) == []
