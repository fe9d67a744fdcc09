"""Somebody may log in from now on: python add_person.py NAME --shop north --role clerk; the password is asked for."""

import argparse
import getpass
import os
import sys

from people import People, Person

PERMISSIONS = {
    "clerk": ["stock:read", "stock:reserve"],
    "manager": ["stock:read", "stock:reserve", "stock:write", "prices:read"],
}


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("name")
    asked.add_argument("--shop", help="the tenant; an operator works for none")
    asked.add_argument("--role", required=True, choices=["clerk", "manager", "auditor", "operator"])
    said = asked.parse_args()
    password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    if len(password) < 12:
        sys.exit("a password holds at least 12 characters")
    scopes = ["parcels:send"] if said.role in PERMISSIONS else []
    person = Person(said.name, said.shop, [said.role], PERMISSIONS.get(said.role, []), scopes)
    People(os.environ["PEOPLE_DATABASE"]).add(person, password)


if __name__ == "__main__":
    main()
