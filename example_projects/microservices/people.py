"""Who may log in: names, salted password hashes and what each person may do, in SQLite."""

import hashlib
import hmac
import json
import secrets
import sqlite3
import threading
from dataclasses import dataclass

# scrypt with 16 MiB and about 50 ms for one guess; raise n as machines get faster
COST = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True)
class Person:
    name: str
    roles: list[str]
    permissions: list[str]


class People:
    """``database`` is a path, or ":memory:". The lock guards the connection, which threads share."""

    def __init__(self, database: str) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(database, check_same_thread=False)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS people"
            " (name TEXT PRIMARY KEY, salt BLOB, password BLOB, roles TEXT, permissions TEXT) STRICT"
        )
        self._nobody = secrets.token_bytes(16)

    def add(self, person: Person, password: str) -> None:
        """Add a person, unless somebody of that name is there already."""
        salt = secrets.token_bytes(16)
        row = (person.name, salt, hashed(password, salt), json.dumps(person.roles), json.dumps(person.permissions))
        with self._lock, self._connection:
            self._connection.execute("INSERT OR IGNORE INTO people VALUES (?, ?, ?, ?, ?)", row)

    def find(self, name: str) -> Person | None:
        with self._lock:
            row = self._connection.execute("SELECT roles, permissions FROM people WHERE name = ?", (name,)).fetchone()
        return None if row is None else Person(name, json.loads(row[0]), json.loads(row[1]))

    def stamp(self, name: str) -> str:
        """A text that changes with the password, so that sessions end with it."""
        with self._lock:
            row = self._connection.execute("SELECT password FROM people WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0].hex())

    def log_in(self, name: str, password: str) -> Person | None:
        """The person, if the password is right. A name that nobody has takes as long as a wrong password."""
        with self._lock:
            row = self._connection.execute(
                "SELECT salt, password, roles, permissions FROM people WHERE name = ?", (name,)
            ).fetchone()
        salt, right, roles, permissions = row or (self._nobody, b"", "[]", "[]")
        if not hmac.compare_digest(hashed(password, salt), right):
            return None
        return Person(name, json.loads(roles), json.loads(permissions))


def hashed(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, maxmem=2**26, **COST)
