"""Asking on the web within bounds; what servers do wrong is tried with the key sources and the token endpoint."""

import asyncio
import ssl
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from jwt_middleware.web import Get, Web, _Work, certificates
from jwt_middleware.web_bounds import Bounds
from tests.threads import threads_end

NOBODY = certificates(None, needed=False)
USUAL = Bounds(timeout=5.0, max_body=524_288, max_keys=500, min_fresh=60.0, max_fresh=3600.0)


async def nothing(get: Get | None) -> str:
    return "nothing was asked"


def test_what_is_found_is_given_to_either_form() -> None:
    web = Web(USUAL, None, None, NOBODY)
    assert web.fetch(nothing) == asyncio.run(web.afetch(nothing)) == "nothing was asked"


def test_a_deadline_that_passes_before_its_thread_runs_leaves_nothing_open() -> None:
    work = _Work(Web(USUAL, None, None, NOBODY), lambda _: nothing(None))
    work.end()
    found = work.begin()
    threads_end()
    assert not found.done()


def test_threads_that_do_not_end_are_few() -> None:
    over = threading.Event()

    async def never(_: Get) -> None:
        over.wait(20)

    web = Web(replace(USUAL, timeout=0.001), None, None, NOBODY)
    try:
        for _ in range(20):
            with pytest.raises(TimeoutError):
                web.fetch(never)
        with pytest.raises(TimeoutError, match="earlier fetches have not ended"):
            web.fetch(never)
        with pytest.raises(TimeoutError, match="earlier fetches have not ended"):
            asyncio.run(web.afetch(never))
        assert len(web.threads) == 20
    finally:
        over.set()
    threads_end()
    assert replace(web, bounds=USUAL).fetch(nothing) == "nothing was asked"
    assert len(web.threads) == 1


def test_where_no_certificate_is_needed_none_is_trusted() -> None:
    assert NOBODY.get_ca_certs() == []
    assert (NOBODY.verify_mode, NOBODY.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_file_without_certificates_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    (tmp_path / "other.pem").write_text("no certificate")
    for name in ("empty.pem", "other.pem", "missing.pem"):
        with pytest.raises(ValueError, match="no certificate"):
            certificates(str(tmp_path / name), needed=True)


def test_a_fetch_loads_no_module() -> None:
    """What a thread of ours loads while a process forks is there by half in the child, for ever."""
    program = """if True:
        import sys
        from jwt_middleware.key_sources.jwks_url import jwks_url
        source, before = jwks_url("http://localhost:1/keys"), set(sys.modules)
        try:
            source.fetch()
        except Exception as error:
            print(type(error).__name__, sorted(set(sys.modules) - before))
    """
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert ran.stdout == "ConnectError []\n", ran.stderr
