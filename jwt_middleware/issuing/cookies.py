"""SessionCookies: tokens in cookies that no script reads and no other site can use."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from ..access.request import RequestInfo
from ..access.token_cookie import TokenInCookie, token_in_cookie
from ..errors import ConfigurationError, Forbidden, MalformedRequest
from .exchange import IssuingRequest
from .tokens import Tokens


@dataclass(frozen=True, slots=True)
class SessionCookies:
    """Browser mode. See ``session_cookies``."""

    location: TokenInCookie
    refresh_name: str
    secure: bool
    allowed_origins: frozenset[str] = field(repr=False)

    def refresh_token(self, request: IssuingRequest) -> str | None:
        """The refresh token among the cookies. Raises MalformedRequest for two of them: which one counts is unknown."""
        found = set()
        for value in request.info.header("cookie"):
            for part in value.split(";"):
                name, _, content = part.strip(" ").partition("=")
                if name == self.refresh_name:
                    found.add(content)
        if len(found) > 1:
            raise MalformedRequest("several_tokens")
        return found.pop() if found else None

    def refuse_other_sites(self, info: RequestInfo) -> None:
        """Raises Forbidden for a request that does not come from an own or allowed origin.

        Browsers send ``Origin`` along with every POST; a request that says nothing of where it comes from is refused.
        """
        origins = info.header("origin")
        if origins:
            own = {f"{info.scheme}://{host}" for host in info.header("host")}
            if len(origins) == 1 and (origins[0] in self.allowed_origins or origins[0] in own):
                return
        elif list(info.header("sec-fetch-site")) == ["same-origin"]:
            return
        raise Forbidden("csrf_failed")

    def set(self, tokens: Tokens, path: str) -> Iterator[tuple[str, str]]:
        """The headers that hand out tokens. The refresh token is sent back below ``path`` only."""
        access, refresh = tokens.access_token, tokens.refresh_token
        left = tokens.expires_in
        yield self._header(self.location.name, access, left, "/", "Lax", script=False)
        yield self._header(self.location.csrf_cookie, self.location.csrf_token(access), left, "/", "Lax", script=True)
        yield self._header(self.refresh_name, refresh, tokens.refresh_expires_in, path, "Strict", script=False)

    def clear(self, path: str) -> Iterator[tuple[str, str]]:
        """The headers that take them back."""
        yield self._header(self.location.name, "", 0, "/", "Lax", script=False)
        yield self._header(self.location.csrf_cookie, "", 0, "/", "Lax", script=True)
        yield self._header(self.refresh_name, "", 0, path, "Strict", script=False)

    def _header(
        self, name: str, value: str, seconds: int, path: str, same_site: str, *, script: bool
    ) -> tuple[str, str]:
        parts = [f"{name}={value}", f"Max-Age={seconds}", f"Path={path}", f"SameSite={same_site}"]
        parts += [] if script else ["HttpOnly"]
        parts += ["Secure"] if self.secure else []
        return "set-cookie", "; ".join(parts)


def session_cookies(
    *,
    secret: str | bytes,
    allowed_origins: Sequence[str] = (),
    access_name: str | None = None,
    refresh_name: str | None = None,
    csrf_cookie: str = "csrf_token",
    csrf_header: str = "X-CSRF-Token",
    plain_http_lets_anyone_on_the_way_take_the_session: bool = False,
) -> SessionCookies:
    """Browser mode: login and refresh hand out cookies (HttpOnly, Secure, SameSite) instead of tokens in the body.

    ``location`` of what this gives goes into the guard of your API: ``Guard(..., token_from=[authorization_header,
    cookies.location])``. There, requests with an unsafe method repeat the value of ``csrf_cookie`` in ``csrf_header``.
    Login, refresh and logout are taken from an own or allowed origin only. ``secret`` signs the CSRF value and holds at
    least 32 bytes. The names carry ``__Host-`` and ``__Secure-``, so that no other host can set them. Raises
    ConfigurationError.
    """
    secure = not plain_http_lets_anyone_on_the_way_take_the_session
    access = access_name or ("__Host-access_token" if secure else "access_token")
    refresh = refresh_name or ("__Secure-refresh_token" if secure else "refresh_token")
    if not secure and any(name.startswith(("__Host-", "__Secure-")) for name in (access, refresh)):
        raise ConfigurationError("session_cookies(): browsers take __Host- and __Secure- cookies over https only")
    if refresh.startswith("__Host-"):
        raise ConfigurationError("session_cookies(refresh_name=...): a __Host- cookie has no path of its own")
    location = token_in_cookie(
        access, secret=secret, allowed_origins=allowed_origins, csrf_cookie=csrf_cookie, csrf_header=csrf_header
    )
    return SessionCookies(location, refresh, secure, location.allowed_origins)
