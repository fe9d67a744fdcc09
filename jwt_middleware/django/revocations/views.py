"""The view that takes logout tokens: ``path("backchannel-logout", backchannel_logout(receiver))``."""

from django.http import HttpRequest, HttpResponse

from ...backchannel_logout import LogoutReceiver
from ...waiting import run
from ..exchange import View, issuing_request, open_view, response_of


def backchannel_logout(receiver: LogoutReceiver) -> View:
    """A view for one receiver; the provider posts there by itself."""

    def view(request: HttpRequest) -> HttpResponse:
        return response_of(run(receiver.answer(issuing_request(request, {}))))

    return open_view(view, "POST")
