"""Keys at a URL that serves a JWKS (RFC 7517 section 5)."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..addresses import wrong_with_url
from ..errors import ConfigurationError
from ..keys.key_set import KeySet, joined, key_set_from_jwks
from ..web import Document, Get, Web, certificates
from ..web_bounds import Bounds


@dataclass(frozen=True, slots=True)
class JWKSURL:
    """A key source that reads a JWKS from a URL, or one from each of several. See ``jwks_url``."""

    urls: tuple[str, ...]
    web: Web = field(repr=False)
    symmetric: bool = False

    @property
    def url(self) -> str:
        return self.urls[0]

    @property
    def timeout(self) -> float:
        return self.web.timeout

    def fetch(self) -> KeySet:
        return self.read()[1]

    async def afetch(self) -> KeySet:
        return (await self.aread())[1]

    def read(self) -> tuple[Sequence[Document], KeySet]:
        return self.web.fetch(self._find)

    async def aread(self) -> tuple[Sequence[Document], KeySet]:
        return await self.web.afetch(self._find)

    def may_be_at(self, urls: Sequence[str]) -> bool:
        """Whether the keys may have been read there."""
        return tuple(urls) == self.urls

    async def _find(self, get: Get) -> tuple[Sequence[Document], KeySet]:
        documents = [await get(url) for url in self.urls]
        most = self.web.bounds.max_keys
        sets = [key_set_from_jwks(each.content, fresh_for=each.fresh_for, max_keys=most) for each in documents]
        return documents, joined(sets)


def jwks_url(
    url: str | Iterable[str],
    *,
    ca_file: str | os.PathLike[str] | None = None,
    bearer_token_file: str | os.PathLike[str] | None = None,
    timeout: float = 4.5,  # seconds, at most 60
    max_body: int = 524_288,  # bytes, at most 1048576
    max_keys: int = 500,  # at most 5000
    min_fresh: float = 60.0,  # seconds
    max_fresh: float = 3600.0,  # seconds
    insecure_plain_http_lets_anyone_on_the_way_forge_tokens: bool = False,
) -> JWKSURL:
    """The keys at ``url``; of several URLs all keys, and none if one of them does not answer.

    https is demanded, except on the loopback interface or by the loudly named switch. ``ca_file``: certificates to
    trust instead of the system's. ``bearer_token_file``: holds a token to send along, read at each fetch. ``timeout``:
    seconds for the whole fetch. ``max_body`` and ``max_keys``: an answer with more bytes or keys is a failure.
    ``min_fresh`` and ``max_fresh``: for how long Cache-Control may have a key set taken without asking again;
    ``no-store`` means ``min_fresh``. Redirects are not followed, and proxies of the environment are not used: whoever
    answers here decides whose tokens are good. Raises ConfigurationError.
    """
    mistakes: list[str] = []
    urls = (url,) if isinstance(url, str) or not isinstance(url, Iterable) else tuple(url)
    for each in urls or ("",):
        wrong = wrong_with_url(each, insecure_plain_http_lets_anyone_on_the_way_forge_tokens)
        if wrong:
            mistakes.insert(0, f"jwks_url({each!r}): {wrong}")
    bounds = Bounds(timeout, max_body, max_keys, min_fresh, max_fresh)
    found = web(urls, f"jwks_url({url!r})", bounds, ca_file, bearer_token_file, mistakes)
    if mistakes or found is None:
        raise ConfigurationError(*mistakes)
    return JWKSURL(tuple(str(each) for each in urls), found)


def web(
    urls: Iterable[object],
    where: str,
    bounds: Bounds,
    ca_file: str | os.PathLike[str] | None,
    bearer_token_file: str | os.PathLike[str] | None,
    mistakes: list[str],
) -> Web | None:
    """What reads ``urls``; None when there is a mistake, which is then said of ``where``."""
    before = len(mistakes)
    mistakes += [f"{where}: {mistake}" for mistake in bounds.mistakes()]
    if ca_file is not None and not os.path.isfile(ca_file):
        mistakes.append(f"{where}: ca_file is {os.fspath(ca_file)!r}, and there is no such file")
    if len(mistakes) > before:
        return None
    secure = any(str(url).lower().startswith("https:") for url in urls)
    try:
        tls = certificates(_path(ca_file), needed=secure)
    except ValueError as error:
        mistakes.append(f"{where}: ca_file is {_path(ca_file)!r}: {error}")
        return None
    return Web(bounds, _path(bearer_token_file), _path(ca_file), tls)


def _path(path: str | os.PathLike[str] | None) -> str | None:
    return None if path is None else os.fspath(path)
