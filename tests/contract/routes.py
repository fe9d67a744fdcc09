"""The logical routes that every stack has, and what each of their endpoints does."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from jwt_middleware import (
    AuthUnavailable,
    Forbidden,
    Guard,
    Principal,
    Requirement,
    TokenOutage,
    claim,
    current_principal,
    group,
    path,
    permission,
    role,
    scope,
)


class Boom(Exception):
    """The application's own trouble."""


@dataclass(frozen=True)
class Route:
    path: str
    mark: Literal["", "public", "unguarded"] = ""
    requires: tuple[Requirement, ...] = ()
    does: str = ""
    methods: tuple[str, ...] = ("GET",)

    @property
    def is_routed(self) -> bool:
        """Whether it needs a framework with parameters in its routes."""
        return "{" in self.path


ROUTES: Final = (
    Route("/public", "public"),
    Route("/unguarded", "unguarded"),
    Route("/public-path"),
    Route("/unguarded-path"),
    Route("/files/one"),
    Route("/get-only-path", methods=("GET", "POST")),
    Route("/private"),
    Route("/orders", requires=(scope("orders:read"),)),
    Route("/both", requires=(scope("orders:read"), scope("orders:write"))),
    Route("/either", requires=(role("clerk") | scope("orders:read") & scope("orders:write") | scope("admin"),)),
    Route("/clerk", requires=(role("clerk"),)),
    Route("/group", requires=(group("staff"),)),
    Route("/permission", requires=(permission("orders.close"),)),
    Route("/not-banned", requires=(~role("banned"),)),
    Route("/tenants/{tenant_id}", requires=(claim("tenant", path("tenant_id")),)),
    Route("/mixed", requires=(scope("orders:read"), role("clerk"))),
    Route("/demands", does="demand"),
    Route("/public-demands", "public", does="demand"),
    Route("/unguarded-path-demands", does="demand"),
    Route("/forbids", does="forbid"),
    Route("/outage", does="outage"),
    Route("/token-outage", does="token outage"),
    Route("/token-refused", does="token refused"),
    Route("/boom", does="boom"),
    Route("/own-401", does="own-401"),
    Route("/stream", does="stream"),
    Route("/echo", does="echo", methods=("POST",)),
)
PUBLIC_PATHS: Final = ("/public-path", "/files/*", ("GET", "/get-only-path"))
UNGUARDED_PATHS: Final = ("/unguarded-path", "/unguarded-path-demands")
OWN_401: Final = (("WWW-Authenticate", 'Custom realm="own"'), ("X-Own", "yes"))


@dataclass
class Variant:
    """What one application of a stack is built with. ``ran`` is what its endpoints write into."""

    guard: Guard | None
    guarded_paths: tuple[str, ...] | None = None
    catch_all: bool = False  # the application turns every exception into its own 418
    ran: list[str] = field(default_factory=list)

    @property
    def options(self) -> dict[str, Any]:
        """The arguments of JWTMiddleware, for a framework whose routes carry marks."""
        return {
            "guard": self.guard,
            "public_paths": PUBLIC_PATHS,
            "unguarded_paths": UNGUARDED_PATHS,
            "guarded_paths": self.guarded_paths,
        }

    def note(self, name: str, native: object = None) -> str:
        """An endpoint runs: who does it see? ``native`` is the principal where the framework's people look."""
        here = current_principal()
        seen = here.subject or "anonymous"
        if native is not None and native is not here:
            seen += f" but natively {getattr(native, 'subject', native)!s}"
        self.ran.append(f"{name} {seen}")
        return seen

    def act(self, route: Route, native: object, demand: Callable[..., None]) -> str:
        """Run the endpoint of ``route``; the answer is its body. Streams, echoes and own 401s are made by the stack."""
        seen = self.note(route.path, native)
        if route.path == "/private":
            _tamper(current_principal())
        if route.does == "demand":
            demand(~role("banned"), scope("orders:read"))
        elif route.does == "forbid":
            raise Forbidden(missing=("a good reason",))
        elif route.does == "outage":
            raise AuthUnavailable("revocations_unavailable", retry_after=7)
        elif route.does == "token outage":
            raise TokenOutage("the token endpoint of inventory cannot be reached", retry_after=7)
        elif route.does == "token refused":
            raise TokenOutage("the token endpoint refuses: invalid_client", status=502, refused="invalid_client")
        elif route.does == "boom":
            raise Boom
        return seen

    def chunks(self) -> Iterator[bytes]:
        """A body that is made while it is sent."""
        for _ in range(3):
            yield f"{current_principal().subject};".encode()


def _tamper(principal: Principal) -> None:
    """Try to change a caller whom other requests share."""
    target: Any = principal
    for attempt in (
        lambda: setattr(target, "subject", "mallory"),
        lambda: setattr(target, "roles", ("admin",)),
        lambda: setattr(target, "is_staff", True),
        lambda: target.roles.append("admin"),
        lambda: target.claims.update(sub="mallory"),
        lambda: target.claims.__setitem__("sub", "mallory"),
        lambda: target.claims["extra"]["list"].append(2),
        lambda: target.claims["extra"]["dict"].__setitem__("a", 2),
    ):
        try:
            attempt()
        except (AttributeError, TypeError, KeyError):
            continue
        raise RuntimeError("a principal was changed")
