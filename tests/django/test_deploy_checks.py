"""``manage.py check --deploy`` asks the issuers of the site."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.checks import run_checks
from django.test import override_settings

from jwt_middleware import DEVELOPMENT_ISSUER
from jwt_middleware.django.checks import check_development, check_issuers, check_settings


@pytest.fixture
def silent_issuer() -> Iterator[str]:
    """Answers 404 to everything."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_issuer_that_is_not_fit_fails_a_deployment_and_no_other_check(silent_issuer: str) -> None:
    with override_settings(JWT_MIDDLEWARE={"ISSUER": silent_issuer, "AUDIENCE": "orders"}):
        found = [
            each
            for each in run_checks(tags=["security"], include_deployment_checks=True)
            if each.id == "jwt_middleware.E005"
        ]
        assert [str(each.msg).partition(":")[0] for each in found] == ["metadata_missing"]
        assert all(each.hint for each in found)
        assert not [each for each in run_checks(tags=["security"]) if each.id == "jwt_middleware.E005"]


def test_what_does_not_end_a_deployment_is_a_warning() -> None:
    from jwt_middleware.django.checks import _message
    from jwt_middleware.doctor.finding import Finding

    assert _message(Finding("warning", "cache", "says", "mend")).id == "jwt_middleware.W005"


@pytest.mark.filterwarnings("ignore::jwt_middleware.DevelopmentIssuerWarning")
def test_development_tokens_are_for_debug_alone_and_no_deployment() -> None:
    published = {"JWKS_URL": "https://keys.invalid/jwks"}
    trusting = {"ISSUER": DEVELOPMENT_ISSUER, "AUDIENCE": "orders", "DEVELOPMENT": True, **published}
    with override_settings(JWT_MIDDLEWARE=trusting, DEBUG=False):
        (mistake,) = check_settings()
        assert mistake.id == "jwt_middleware.E001"
        assert "development tokens are trusted while DEBUG is False" in mistake.msg
    with override_settings(JWT_MIDDLEWARE=trusting, DEBUG=True):
        assert check_settings() == []
        assert [each.id for each in check_development()] == ["jwt_middleware.E004"]
        with override_settings(JWT_MIDDLEWARE={**trusting, "DEVELOPMENT": False}):
            assert "say development=True" in check_settings()[0].msg
            assert check_development() == []


def test_keys_at_hand_ask_nobody_and_mistakes_are_told_elsewhere() -> None:
    assert check_issuers() == []
    with override_settings(JWT_MIDDLEWARE={}):
        assert check_issuers() == []
