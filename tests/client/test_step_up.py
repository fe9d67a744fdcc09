"""What a target wants before it serves a caller: told, and never followed."""

import httpx2
import pytest

from jwt_middleware.client import StepUp, step_up


@pytest.mark.parametrize(
    ("status", "lines", "wanted"),
    [
        (
            401,
            ['Bearer error="insufficient_user_authentication", acr_values="gold silver", max_age="5"'],
            StepUp((), ("gold", "silver"), 5),
        ),
        (
            401,
            [
                "Basic realm=x",
                "bearer error=insufficient_user_authentication, max_age=0, scope=read",
            ],
            StepUp(("read",), (), 0),
        ),
        (403, ['Bearer realm="x", error="insufficient_scope", scope="read  write read"'], StepUp(("read", "write"))),
        (403, ['DPoP error="insufficient_scope", scope=a, Bearer error="insufficient_scope", scope=b'], StepUp(("b",))),
        (403, ['Bearer error="insufficient_scope"'], StepUp()),
        (401, ['Bearer error="insufficient_user_authentication", max_age="-1"'], StepUp()),
        (401, ['Bearer error="insufficient_user_authentication", max_age="9999999999"'], StepUp()),
        (401, ['Bearer error="invalid_token", acr_values="gold"'], None),
        (401, ['Bearer error="insufficient_scope", scope="read"'], None),
        (403, ['Bearer error="insufficient_user_authentication"'], None),
        (200, ['Bearer error="insufficient_scope", scope="read"'], None),
        (403, ['Bearer error="insufficient_scope", scope='], None),
        (403, [""], None),
        (403, [], None),
    ],
)
def test_what_is_wanted_is_read_from_the_challenge(status: int, lines: list[str], wanted: StepUp | None) -> None:
    assert step_up(status, lines) == wanted


def test_it_is_read_from_an_answer() -> None:
    lines = [("www-authenticate", 'Bearer error="insufficient_scope", scope="read"'), ("www-authenticate", "Basic")]
    answer = httpx2.Response(403, headers=lines)
    assert step_up(answer.status_code, answer.headers.get_list("www-authenticate")) == StepUp(("read",))
