"""What a genuine caller may do, and what is said to who may not."""

from typing import Final

from ..tokens import mint
from .answers import ran, refused
from .rows import GOOD, READER, bearing, get, row

EITHER: Final = ["role clerk or scope orders:write or scope admin"]


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    row("a genuine caller passes", bearing("/private", GOOD), ran("/private")),
    row("the scheme is read in any case", get("/private", ("Authorization", f"bEaReR  {GOOD}")), ran("/private")),
    row("a machine is its client", bearing("/private", mint(None, client_id="robot")), ran("/private", "client:robot")),
    row("the scope that is needed is enough", bearing("/orders", READER), ran("/orders")),
    row(
        "too few scopes are 403 insufficient_scope",
        bearing("/orders", GOOD),
        refused(
            403, "requirement_not_met", error="insufficient_scope", scopes="orders:read", missing=["scope orders:read"]
        ),
    ),
    row(
        "a scope that only begins alike is not enough",
        bearing("/orders", mint(scope="orders:readonly orders")),
        refused(403, error="insufficient_scope", scopes="orders:read", missing=["scope orders:read"]),
    ),
    row(
        "a 403 names all scopes that are needed",
        bearing("/both", READER),
        refused(403, error="insufficient_scope", scopes="orders:read orders:write", missing=["scope orders:write"]),
    ),
    row("all scopes that are needed are enough", bearing("/both", mint(scope="orders:write orders:read")), ran("/both")),
    row(
        "of alternatives the first that scopes alone cure is named",
        bearing("/either", READER),
        refused(403, error="insufficient_scope", scopes="orders:read orders:write", missing=EITHER),
    ),
    row("one alternative is enough", bearing("/either", mint(scope="admin")), ran("/either")),
    row("the other alternative is enough, too", bearing("/either", mint(roles=["clerk"])), ran("/either")),
    row(
        "a missing role is 403 without an error code",
        bearing("/clerk", mint(scope="clerk", roles=["boss"])),
        refused(403, "requirement_not_met", missing=["role clerk"]),
    ),
    row("the role that is needed is enough", bearing("/clerk", mint(roles=["boss", "clerk"])), ran("/clerk")),
    row("a role that is a text is one role", bearing("/clerk", mint(roles="clerk")), ran("/clerk")),
    row("a role that is a text is not its letters or words", bearing("/clerk", mint(roles="clerk boss")), refused(403, missing=["role clerk"])),
    row("a missing group is 403 without an error code", bearing("/group", GOOD), refused(403, missing=["group staff"])),
    row("the group that is needed is enough", bearing("/group", mint(groups=["staff"])), ran("/group")),
    row(
        "a missing permission is 403 without an error code",
        bearing("/permission", mint(permissions=["orders.open"])),
        refused(403, missing=["permission orders.close"]),
    ),
    row("the permission that is needed is enough", bearing("/permission", mint(permissions=["orders.close"])), ran("/permission")),
    row(
        "scope and role missing: scopes alone would not cure, so no error code",
        bearing("/mixed", GOOD),
        refused(403, missing=["scope orders:read", "role clerk"]),
    ),
    row("who is known not to be banned passes", bearing("/not-banned", mint(roles=[])), ran("/not-banned")),
    row("who is banned is refused", bearing("/not-banned", mint(roles=["banned"])), refused(403, missing=["not role('banned')"])),
    row("who is not known to be free of a ban is refused", bearing("/not-banned", GOOD), refused(403, missing=["not role('banned')"])),
    row("a tenant sees its own", bearing("/tenants/acme", mint(tenant="acme")), ran("/tenants/{tenant_id}"), "parameters"),
    row(
        "a tenant does not see another's",
        bearing("/tenants/other", mint(tenant="acme")),
        refused(403, missing=["claim tenant equal to path('tenant_id')"]),
        "parameters",
    ),
    row("who has no tenant sees none", bearing("/tenants/None", GOOD), refused(403, missing=["claim tenant equal to path('tenant_id')"]), "parameters"),
    row("a good token on a public route is known", bearing("/public", GOOD), ran("/public")),
)
# fmt: on
