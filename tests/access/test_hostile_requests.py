"""Whatever bytes a caller sends, a guard decides: it never stumbles, and nobody gets in by them."""

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from jwt_middleware import (
    Guard,
    RequestInfo,
    TrustedIssuer,
    authorization_header,
    token_in_cookie,
    token_in_header,
    token_in_query_that_leaks_into_logs,
    token_in_websocket_protocol,
)
from jwt_middleware.key_sources.static import static
from jwt_middleware.waiting import run

SECRET = "0123456789abcdef" * 4
GUARD = Guard(
    TrustedIssuer("https://issuer.example", audience="orders", keys=static(secret=SECRET)),
    token_from=[
        authorization_header,
        token_in_header("X-Gateway-Token"),
        token_in_cookie("session", secret=b"s" * 32),
        token_in_websocket_protocol(),
        token_in_query_that_leaks_into_logs(),
    ],
)
anything = st.text(st.characters(), max_size=80)  # lone surrogates, too: some servers make them of odd bytes
nearly = st.sampled_from(
    ["Bearer ", "bearer  a.b.c", "session=", "session=a.b.c; csrf_token=", "bearer.", "a.b.c", "eyJ"]
)
values = st.lists(
    st.one_of(anything, st.builds("".join, st.lists(st.one_of(nearly, anything), max_size=3))), max_size=2
)
names = ("authorization", "x-gateway-token", "cookie", "x-csrf-token", "origin", "sec-fetch-site", "host")
headers = st.fixed_dictionaries({}, optional=dict.fromkeys((*names, "sec-websocket-protocol"), values))


@settings(deadline=None, derandomize=True, database=None, max_examples=500, suppress_health_check=list(HealthCheck))
@given(
    headers=headers,
    method=st.one_of(st.sampled_from(["GET", "POST", "OPTIONS", "HEAD"]), anything),
    path=anything,
    query=st.one_of(anything, st.builds("access_token={}".format, anything)),
    kind=st.sampled_from(["http", "websocket"]),
)
@example(
    headers={
        "cookie": ["session=a.b.c; csrf_token=\udc80"],
        "x-csrf-token": ["\udc80"],
        "sec-fetch-site": ["same-origin"],
    },
    method="POST",
    path="/",
    query="",
    kind="http",
)
def test_no_bytes_break_a_guard_or_get_in(
    headers: dict[str, list[str]], method: str, path: str, query: str, kind: str
) -> None:
    request = RequestInfo(
        kind="websocket" if kind == "websocket" else "http",
        method=method,
        path=path,
        query=query,
        header=lambda name: headers.get(name, []),
    )
    admission = GUARD.conclude(run(GUARD.admit(request)), lambda: None)
    if request.is_preflight and admission.refusal is None:
        assert not admission.principal.is_authenticated
        return
    assert admission.refusal is not None
    assert admission.refusal.status in (400, 401, 403)
    challenge = GUARD.challenge(admission.refusal)
    assert challenge.authenticate.startswith('Bearer realm="orders"')
