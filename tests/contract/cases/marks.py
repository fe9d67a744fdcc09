"""What a mark or a path opens to anonymous callers, and what it must not."""

from typing import Final

from ..table import Applications
from ..tokens import mint
from .answers import anonymous, ran, refused, theirs
from .rows import AUTH, GOOD, bearing, case, get, row


@case("guarded_paths guard these and touch nothing else", "guarded paths")
def _guarded_paths(applications: Applications) -> None:
    for path in ("/orders", "/private"):
        anonymous()(applications.send(get(path), guarded_paths=("/orders", "/private")))
    for header in ((), (AUTH,), (("Authorization", "Bearer x.y.z"),)):
        answer = applications.send(get("/group-free", *header), guarded_paths=("/orders", "/private"))
        assert answer.status == 404 and not answer.header("www-authenticate")
        outside = applications.send(get("/own-401", *header), guarded_paths=("/orders", "/private"))
        assert (outside.status, outside.ran, outside.header("x-own")) == (401, ("/own-401 anonymous",), "yes")
    ran("/private")(applications.send(bearing("/private", GOOD), guarded_paths=("/orders", "/private")))


@case("public for GET, required for POST: HEAD like GET", "marks by method")
def _head_by_method(applications: Applications) -> None:
    answer = applications.send(get("/by-method", method="HEAD"))
    assert (answer.status, answer.ran) == (200, ("/by-method GET anonymous",))


# one row, one line: it is a table
# fmt: off
ROWS: Final = (
    row("anonymous on a public route: 200", get("/public"), ran("/public", "anonymous")),
    row("anonymous on an unguarded route: 200", get("/unguarded"), ran("/unguarded", "anonymous")),
    row("anonymous on a public path: 200", get("/public-path"), ran("/public-path", "anonymous")),
    row("anonymous on an unguarded path: 200", get("/unguarded-path"), ran("/unguarded-path", "anonymous")),
    row("anonymous below a public path: 200", get("/files/one"), ran("/files/one", "anonymous")),
    row("a path that climbs out of a public path: 401", get("/files/../private"), anonymous(), "in front"),
    row("two slashes below a public path: 401", get("/files//private"), anonymous(), "in front"),
    row("a backslash below a public path: 401", get("/files/..\\private"), anonymous(), "in front"),
    row("anonymous on a path that is public for GET: 200", get("/get-only-path"), ran("/get-only-path", "anonymous")),
    row("anonymous on a path that is public for GET, with POST: 401", get("/get-only-path", method="POST"), anonymous()),
    row("a longer path than a public one: 401", get("/public-path/more"), anonymous(), "in front"),
    row("another case than a public path: 401", get("/Public-path"), anonymous(), "in front"),
    row("anonymous on an unknown path: 401", get("/unknown"), anonymous(), "in front"),
    row("a good token on an unknown path: the framework's 404", bearing("/unknown", GOOD), theirs(404)),
    row("anonymous on a slash redirect: 401", get("/slash"), anonymous(), "redirect"),
    row("a good token on a slash redirect: the framework's own", bearing("/slash", GOOD), theirs(301, 302, 307, 308), "redirect"),
    row("anonymous on a static file: 401", get("/static/file.txt"), anonymous(), "static"),
    row("a good token on a static file: the file", bearing("/static/file.txt", GOOD), theirs(200), "static"),
    row("anonymous on a static file that does not exist: 401", get("/static/none.txt"), anonymous(), "static"),
    *(
        each
        for page in ("/docs", "/redoc", "/openapi.json")
        for each in (
            row(f"anonymous on {page}: 401", get(page), anonymous(), "docs"),
            row(f"a good token on {page}: 200", bearing(page, GOOD), theirs(200), "docs"),
        )
    ),
    _guarded_paths,
    row("public for GET, required for POST: GET passes", get("/by-method"), ran("/by-method GET", "anonymous"), "marks by method"),
    row("public for GET, required for POST: POST does not", get("/by-method", method="POST"), anonymous(), "marks by method"),
    _head_by_method,
    row("a public class is public", get("/public-class"), ran("/public-class", "anonymous"), "classes"),
    row("a subclass of a public class is not public", get("/subclass"), anonymous(), "classes"),
    row("a class whose GET is public: GET passes", get("/method-class"), ran("/method-class GET", "anonymous"), "classes"),
    row("a class whose GET is public: POST does not", get("/method-class", method="POST"), anonymous(), "classes"),
    row("a required class asks before any of its methods", bearing("/required-class", GOOD), refused(403, missing=["role clerk"]), "classes"),
    row("a required class lets pass who has the role", bearing("/required-class", mint(roles=["clerk"])), ran("/required-class"), "classes"),
    row("public by a converter: the number passes", get("/item/7"), ran("/item number", "anonymous"), "converters"),
    row("public by a converter: the text does not", get("/item/secret"), anonymous(), "converters"),
    row("public on one host: that host passes", get("/by-host", host="open.example"), ran("/by-host open", "anonymous"), "hosts"),
    row("public on one host: another does not", get("/by-host"), anonymous(), "hosts"),
    row("a mark that was lost in a decorator without wraps does not count", get("/lost-mark"), anonymous(), "marks"),
    row(
        "a path rewritten by a middleware in between: the mark of what was asked does not count",
        get("/public", ("X-Rewrite", "/private")),
        anonymous(),
        "rewriting",
    ),
    row("a path rewritten in a copy of the request: the same", get("/public", ("X-Rewrite-Copy", "/private")), anonymous(), "rewriting"),
    row("a method rewritten by a middleware in between: the same", get("/by-method", ("X-Method", "POST")), anonymous(), "rewriting", "marks by method"),
    row("a generator endpoint is asked before its first element", bearing("/generates", GOOD), refused(403, missing=["role clerk"]), "generators"),
    row(
        "a generator endpoint runs for who has the role",
        bearing("/generates", mint(roles=["clerk"])),
        ran("/generates", body=b"alice;alice;alice;"),
        "generators",
    ),
)
# fmt: on
