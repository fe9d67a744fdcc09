"""The map of a site with REST framework's views says what they do, behind the middleware and without it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings
from rest_framework.permissions import IsAdminUser
from rest_framework.views import APIView

from jwt_middleware.django.route_map import route_map
from jwt_middleware.django.route_views import demanded
from jwt_middleware.route_map.table import to_table
from tests import tokens

from ..route_map.proof import Answer, Caller, differences, remembered, unnoticed
from . import nasty_urls

DOOR = "jwt_middleware.django.JWTMiddleware"


def caller_of(client: Client) -> Callable[[str, str, str, Caller], Answer]:
    def call(host: str, method: str, path: str, caller: Caller) -> Answer:
        headers = {"Authorization": "Bearer x.y.z"} if caller.kind == "bad" else {}
        if caller.kind == "genuine":
            headers = {"Authorization": f"Bearer {tokens.mint(**caller.claims)}"}
        nasty_urls.ran.clear()
        return Answer(client.generic(method, path, headers=headers).status_code, list(nasty_urls.ran))

    return call


@pytest.mark.parametrize("middleware", [[DOOR], []])
def test_the_map_of_nasty_views_is_their_behaviour(middleware: list[str]) -> None:
    with override_settings(ROOT_URLCONF="tests.drf.nasty_urls", MIDDLEWARE=middleware):
        found = route_map()
        print(to_table(found))
        call, parameters = remembered(caller_of(Client(raise_request_exception=False))), {"pk": "some-value"}
        assert "\n".join(differences(found, call, parameters=parameters)) == ""
        assert unnoticed(found, call, parameters=parameters) == []


def test_what_else_has_a_say_is_noted() -> None:
    class Admins(APIView):
        permission_classes = [IsAdminUser]

        def get(self, request: object) -> None: ...

    class Moody(Admins):
        def get_permissions(self) -> Any:
            return [self.request.user]  # there is no request yet

    assert demanded(Admins.as_view(), "GET")[1] == ["IsAdminUser has a say, too"]
    assert demanded(Moody.as_view(), "GET")[1] == ["its permissions are known only with a request (AttributeError)"]
