"""A FastAPI application with a hole of each kind, for the command that finds them."""

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from jwt_middleware import ClaimMapping, Guard, TrustedIssuer, authenticated, claim, path, role, scope
from jwt_middleware.fastapi import JWTMiddleware, public, require, unguarded
from jwt_middleware.key_sources.static import static

trusted = TrustedIssuer(
    "https://issuer.example",
    audience="orders",
    keys=static(secret="0123456789abcdef" * 4),
    mapping=ClaimMapping(roles=None),
)


def sound() -> FastAPI:
    made = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @made.get("/health")
    @public
    async def health() -> None: ...

    @made.post("/login")
    @unguarded
    async def login() -> None: ...

    @made.get("/orders")
    @require(scope("orders:read"))
    async def orders() -> None: ...

    @made.get("/me")
    @require(authenticated)
    async def me() -> None: ...

    made.add_middleware(JWTMiddleware, guard=Guard(trusted), unguarded_paths=["/shut"])
    return made


def leaky() -> FastAPI:
    made = sound()

    @made.delete("/orders")
    async def forgotten() -> None: ...

    @made.get("/debug")
    @public
    async def debug() -> None: ...

    @made.get("/admin")
    @require(role("admin"))
    async def admin() -> None: ...

    @made.get("/shut")
    @require(scope("orders:read"))
    async def shut() -> None: ...

    return made


def broken() -> FastAPI:
    raise RuntimeError("no settings here")


HERE = "a text"
app = sound()
bare = FastAPI()


def cors_inside() -> FastAPI:
    made = FastAPI()
    made.add_middleware(CORSMiddleware, allow_origins=["https://shop.example"])
    made.add_middleware(JWTMiddleware, guard=Guard(trusted))
    return made


remote = FastAPI()
remote.add_middleware(JWTMiddleware, guard=Guard(TrustedIssuer("https://issuer.invalid", audience="orders")))


@remote.get("/of/{tenant}")
@require(claim("tenant", path("tenant")))
async def of_tenant(tenant: str) -> None: ...
