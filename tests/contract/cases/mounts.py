"""Mounted applications."""

from typing import Final

from ..table import Applications
from .answers import anonymous, ran, refused
from .rows import GOOD, bearing, case, get, row


@case("guarded_paths are those below the prefix", "guarded paths")
def _guarded_below_a_prefix(applications: Applications) -> None:
    guarded = ("/orders", "/private")
    anonymous()(applications.send(get("/private", prefix="/shop"), guarded_paths=guarded))
    anonymous()(applications.send(get("/private", prefix="/own-401"), guarded_paths=guarded))
    outside = applications.send(get("/own-401", prefix="/shop"), guarded_paths=guarded)
    assert (outside.ran, outside.header("x-own")) == (("/own-401 anonymous",), "yes")


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    *(
        row(f"below a prefix, anonymous on {place}: 200", get(place, prefix="/shop"), ran(place, who))
        for place, who in (("/public-path", "anonymous"), ("/unguarded-path", "anonymous"), ("/files/one", "anonymous"))
    ),
    row("below a prefix, anonymous on a public route: 200", get("/public", prefix="/shop"), ran("/public", "anonymous")),
    row("below a prefix, anonymous elsewhere: 401", get("/private", prefix="/shop"), anonymous()),
    row("below a prefix, a genuine caller passes", bearing("/private", GOOD, prefix="/shop"), ran("/private")),
    *(
        row(f"a prefix that is called {prefix} opens nothing", get("/private", prefix=prefix), anonymous())
        for prefix in ("/public-path", "/public", "/files", "/unguarded", "/public-path/public-path")
    ),
    row("a path that is public below another prefix: 401", get("/shop/public-path"), anonymous(), "in front"),
    _guarded_below_a_prefix,
    row("anonymous on a mounted application: 401", get("/mounted/private"), anonymous(), "mount"),
    row("anonymous on an unknown path of a mounted application: 401", get("/mounted/unknown"), anonymous(), "mount", "in front"),
    row("a mounted application sees the caller", bearing("/mounted/private", GOOD), ran("/mounted/private"), "mount"),
    row("a mounted application's requirement is asked", bearing("/mounted/clerk", GOOD), refused(403, missing=["role clerk"]), "mount"),
    row(
        "an AuthError in a mounted application becomes the challenge",
        bearing("/mounted/forbids", GOOD),
        refused(403, missing=["a good reason"], ran="/mounted/forbids alice"),
        "mount",
    ),
    row(
        "anonymous on a public route of a mounted application: 200",
        get("/mounted/public"),
        ran("/mounted/public", "anonymous"),
        "mount",
        "marks below mounts",
    ),
    row("anonymous on a foreign mounted application: 401", get("/foreign/public"), anonymous(), "foreign mount"),
    row("a good token on a foreign mounted application: its answer", bearing("/foreign/public", GOOD), ran("/foreign"), "foreign mount"),
    row("anonymous on a mount with a middleware of its own: 401, whatever the mark", get("/layered/public"), anonymous(), "layered mount"),
)
# fmt: on
