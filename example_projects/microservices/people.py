"""Who may log in: names, salted password hashes and what each person may do, in SQLite."""

import hashlib
import hmac
import json
import secrets
import sqlite3
import threading
import weakref
from dataclasses import dataclass

# scrypt with 16 MiB and about 50 ms for one guess; raise n as machines get faster
COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True)
class Person:
    """``tenant`` is the shop they work for; the operator works for none of them."""

    name: str
    tenant: str | None
    roles: list[str]
    permissions: list[str]
    scopes: list[str]


class People:
    """``database`` is a path, or ":memory:". The lock guards the connection, which threads share."""

    def __init__(self, database: str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(database, check_same_thread=False)
        weakref.finalize(self, self._connection.close)  # at the end of the process, too
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS people"
            " (name TEXT PRIMARY KEY, salt BLOB, password BLOB,"
            " tenant TEXT, roles TEXT, permissions TEXT, scopes TEXT) STRICT"
        )
        self._nobody = secrets.token_bytes(16)

    def add(self, person: Person, password: str) -> None:
        """Add a person, unless somebody of that name is there already."""
        salt = secrets.token_bytes(16)
        lists = (json.dumps(each) for each in (person.roles, person.permissions, person.scopes))
        row = (person.name, salt, hashed(password, salt), person.tenant, *lists)
        with self._lock, self._connection:
            self._connection.execute("INSERT OR IGNORE INTO people VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def find(self, name: str) -> Person | None:
        with self._lock:
            row = self._connection.execute(
                "SELECT tenant, roles, permissions, scopes FROM people WHERE name = ?", (name,)
            ).fetchone()
        return None if row is None else Person(name, row[0], *map(json.loads, row[1:]))

    def stamp(self, name: str) -> str:
        """A text that changes with the password, so that sessions end with it."""
        with self._lock:
            row = self._connection.execute("SELECT password FROM people WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0].hex())

    def log_in(self, name: str, password: str) -> Person | None:
        """The person, if the password is right. A name that nobody has takes as long as a wrong password."""
        with self._lock:
            row = self._connection.execute("SELECT salt, password FROM people WHERE name = ?", (name,)).fetchone()
        salt, right = row or (self._nobody, b"")
        return self.find(name) if hmac.compare_digest(hashed(password, salt), right) else None


def add_some_to_play_with(people: People) -> None:
    """Five people of two shops. Nobody with a password that is known may be in a real database."""
    send, look = ["parcels:send"], ["stock:read", "stock:reserve"]
    everything = [*look, "stock:write", "prices:read"]
    people.add(Person("clerk", "north", ["clerk"], look, send), "paper-clip")
    people.add(Person("manager", "north", ["manager"], everything, send), "corner-office")
    people.add(Person("southern-clerk", "south", ["clerk"], look, send), "rubber-band")
    people.add(Person("auditor", "south", ["auditor"], [], []), "red-pencil")
    people.add(Person("operator", None, ["operator"], [], []), "night-shift")


def hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, maxmem=2**26, **COST)
