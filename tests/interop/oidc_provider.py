"""A certified OpenID Provider (npm oidc-provider) as a process on loopback, and clients that get real tokens from it."""

import base64
import hashlib
import http.cookiejar
import json
import os
import re
import secrets
import select
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping, Sequence
from email.message import Message
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

SOURCE = Path(__file__).with_name("oidc_provider")
FILES = ("package.json", "package-lock.json", "server.mjs")
REDIRECT = "http://127.0.0.1:9/cb"  # nobody listens there: the code is read off the redirect


class NotInstallable(Exception):
    """node or npm is missing, or the packages could not be fetched."""


def installed(source: Path = SOURCE, files: Sequence[str] = FILES) -> Path:
    """The files of ``source`` with their packages, in a cache folder of this user; installed once for each content."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise NotInstallable("needs node and npm (Debian: nodejs npm)")
    digest = hashlib.sha256(b"".join((source / name).read_bytes() for name in files)).hexdigest()[:16]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "jwt-middleware-tests"
    folder = cache / f"{source.name}-{digest}"
    if folder.is_dir():
        return folder
    cache.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=cache))
    try:
        for name in files:
            shutil.copy(source / name, fresh / name)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        if subprocess.run(command, cwd=fresh, capture_output=True, timeout=100, check=False).returncode:
            raise NotInstallable(f"needs the npm packages of {source.name}, which could not be fetched")
        try:
            fresh.rename(folder)
        except OSError:
            if not folder.is_dir():  # else another test process was faster
                raise
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return folder


class Provider:
    """One running provider. ``stop`` it where it was started."""

    def __init__(self, logout_uri: str = "") -> None:
        folder = installed()
        command = ["node", "server.mjs", "0", *([logout_uri] if logout_uri else [])]
        self._process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], 60)
        line = self._process.stdout.readline().decode() if readable else ""
        if not line.startswith("READY "):
            self.stop()
            raise RuntimeError(f"the provider did not start: {line!r}")
        self.issuer = line.split()[1]

    def stop(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def rotate(self) -> None:
        """New keys sign from now on; the old ones stay published."""
        assert send(opener(), f"{self.issuer}/_ctl/rotate", form={})[0] == 200

    def machine_token(self, audience: str, algorithm: str = "ES256", scope: str = "api:read") -> str:
        """By client_credentials (RFC 6749 section 4.4) for one resource (RFC 8707)."""
        return str(self._token("svc", "svc-secret", machine_form(audience, algorithm, scope))["access_token"])

    def bound_token(self, audience: str) -> str:
        """A token that is bound to a key by DPoP (RFC 9449)."""
        key = ec.generate_private_key(ec.SECP256R1())
        jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
        claims = {
            "jti": secrets.token_urlsafe(12),
            "htm": "POST",
            "htu": f"{self.issuer}/token",
            "iat": int(time.time()),
        }
        proof = jwt.encode(claims, key, "ES256", headers={"typ": "dpop+jwt", "jwk": jwk})
        return str(self._token("svc-dpop", "svc-secret", machine_form(audience), {"dpop": proof})["access_token"])

    def log_in(
        self,
        user: str,
        audience: str,
        scope: str = "openid profile api:read",
        browser: urllib.request.OpenerDirector | None = None,
    ) -> Mapping[str, Any]:
        """A person's tokens, by authorization code and PKCE through the provider's login pages, without a browser."""
        browser, verifier = browser or opener(), secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "client_id": "web",
            "response_type": "code",
            "redirect_uri": REDIRECT,
            "scope": scope,
            "state": "s",
            "nonce": "n",
            "prompt": "consent",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "resource": audience,
        }
        url = f"{self.issuer}/auth?{urllib.parse.urlencode(query)}"
        code = _code(browser, url, user)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": verifier}
        return self._token("web", "web-secret", form)

    def log_out(self, browser: urllib.request.OpenerDirector, id_token: str) -> None:
        """End the session of this browser at the provider, which tells its clients."""
        query = urllib.parse.urlencode({"id_token_hint": id_token, "client_id": "web"})
        status, _, page = send(browser, f"{self.issuer}/session/end?{query}")
        xsrf, action = re.search(r'name="xsrf" value="(\w+)"', page), re.search(r'action="([^"]+)"', page)
        assert status == 200 and xsrf is not None and action is not None, page
        status, _, page = send(browser, action[1], form={"xsrf": xsrf[1], "logout": "yes"})
        assert status in (200, 302, 303), page

    def _token(
        self, client_id: str, secret: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> Mapping[str, Any]:
        basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
        status, _, body = send(
            opener(), f"{self.issuer}/token", form=form, headers={"authorization": f"Basic {basic}", **(headers or {})}
        )
        assert status == 200, body
        answer: dict[str, Any] = json.loads(body)
        return answer


def machine_form(audience: str, algorithm: str = "ES256", scope: str = "api:read") -> dict[str, str]:
    return {"grant_type": "client_credentials", "scope": scope, "resource": f"{audience}?alg={algorithm}"}


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def opener() -> urllib.request.OpenerDirector:
    """A browser of its own: cookies, no redirects, no proxy."""
    cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    return urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay, cookies)


def send(
    browser: urllib.request.OpenerDirector,
    url: str,
    *,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Message, str]:
    data = None if form is None else urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, headers=dict(headers or {}))
    try:
        with browser.open(request, timeout=10) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as answer:  # redirects and refusals
        with answer:
            return answer.code, answer.headers, answer.read().decode()


def _code(browser: urllib.request.OpenerDirector, url: str, user: str) -> str:
    """Follow the login and consent pages until the redirect with the code."""
    status, headers, body = send(browser, url)
    for _ in range(12):
        if status in (302, 303):
            url = urllib.parse.urljoin(url, headers["location"])
            if url.startswith(REDIRECT):
                return urllib.parse.parse_qs(urllib.parse.urlsplit(url).query)["code"][0]
            status, headers, body = send(browser, url)
            continue
        action = re.search(r'<form[^>]*action="([^"]+)"', body)
        prompt = re.search(r'name="prompt" value="(\w+)"', body)
        assert action is not None, f"{status} without a form"
        assert prompt is not None, f"{status} without a prompt"
        url = urllib.parse.urljoin(url, action[1])
        status, headers, body = send(browser, url, form={"prompt": prompt[1], "login": user, "password": "x"})
    raise AssertionError("the login did not end")
