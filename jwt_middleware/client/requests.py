"""The same for sessions of requests: ``session.auth = Carrier({...})``."""

from collections.abc import Mapping
from typing import Any

import httpx2
import requests
from requests.auth import AuthBase

from ..errors import TokenUnavailable
from ..waiting import run
from .challenges import says_invalid_token
from .rules import TokenRule, renewal
from .targets import Targets
from .trace import pass_trace_on

__all__ = ["Carrier"]


class Carrier(AuthBase):
    """Puts tokens on the requests of a session, as the Carrier of ``jwt_middleware.client`` does for httpx2."""

    def __init__(
        self,
        targets: Mapping[str, TokenRule | None],
        *,
        insecure_plain_http_lets_anyone_on_the_way_read_tokens: bool = False,
    ) -> None:
        self._targets = Targets(targets, insecure_plain_http_lets_anyone_on_the_way_read_tokens)

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        try:
            url = httpx2.URL(request.url or "")
        except httpx2.InvalidURL:
            raise TokenUnavailable("this target is not listed, and gets neither a request nor a token") from None
        rule = self._targets.rule_for(url)
        pass_trace_on(request.headers)
        if rule is not None:
            _Errand(rule, request).begin()
        return request


class _Errand:
    """One request, sent once more at most."""

    def __init__(self, rule: TokenRule, request: requests.PreparedRequest) -> None:
        self._rule = rule
        self._request = request
        self._carried = run(rule.token())

    def begin(self) -> None:
        self._request.headers["Authorization"] = f"Bearer {self._carried.token}"
        self._request.hooks["response"].append(self._answered)

    def _answered(self, response: requests.Response, **sending: Any) -> requests.Response:
        request = self._request
        if response.status_code != 401 or response.request is not request:
            return response  # a redirect is another request: what is said there is not said by the target
        line = response.headers.get("www-authenticate")  # requests has joined several, which reads the same
        if line is None or not says_invalid_token([line]) or not isinstance(request.body, bytes | str | None):
            return response
        again = run(renewal(self._rule, self._carried))
        if again is None:
            return response
        self._carried = again
        response.content  # noqa: B018  # read to its end, so that the connection can be used again
        response.close()
        request.headers["Authorization"] = f"Bearer {again.token}"
        answer: requests.Response = response.connection.send(request, **sending)  # as requests' own DigestAuth does
        answer.history.append(response)
        answer.request = request
        return answer
