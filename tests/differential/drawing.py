"""The pile: every single change of a good token for each key, then several at once, drawn from a seed."""

from collections.abc import Iterator
from random import Random
from typing import Final

from tests.forgery.changes import EVERY, Change, changed, doing
from tests.forgery.mangles import LONG, REWRITES, SEGMENTS, SIGNATURES, TEXTS
from tests.forgery.palette import CLAIMS, HEADER
from tests.forgery.recipe import LEFT_OUT, Members, Recipe

EXAMPLES: Final = 22_000
_CHEAP: Final = ("hs", "ed", "ec")
_KEYS: Final = (*_CHEAP, "rsa", "a stranger's ec", "a stranger's ed", "a stranger's hs", "the text of ec")
_WEIGHTS: Final = (40, 25, 25, 2, 2, 2, 2, 2)
_UNTYPED: Final[Members] = (("typ", LEFT_OUT),)  # there the claims tell the kind
_KINDS: Final = {"header": 18, "claims": 48, "rewrites": 14, "segments": 8, "texts": 8, "signature": 4}
_DONE: Final = {
    field: [each for each in doing(field, names) if not each[1].endswith(LONG)]  # those take the other judge long
    for field, names in (("rewrites", REWRITES), ("segments", SEGMENTS), ("texts", TEXTS), ("signature", SIGNATURES))
}


def recipes(seed: int, examples: int = EXAMPLES) -> Iterator[Recipe]:
    """So many recipes, always the same for a seed."""
    random = Random(seed)
    drawn = 0
    for recipe in _swept():
        drawn += 1
        yield recipe
    while drawn < examples:
        drawn += 1
        changes = [_change(random) for _ in range(random.choices((0, 1, 2, 3), (5, 20, 50, 25))[0])]
        yield changed(Recipe(random.choices(_KEYS, _WEIGHTS)[0], random.choice((_UNTYPED, ()))), *changes)


def _swept() -> Iterator[Recipe]:
    for key in (*_KEYS, "an empty secret"):
        yield Recipe(key)
    for key in _CHEAP:
        for header in ((), _UNTYPED):
            for change in EVERY:
                yield changed(Recipe(key, header), change)


def _change(random: Random) -> Change:
    field = random.choices(list(_KINDS), list(_KINDS.values()))[0]
    if field in _DONE:
        return random.choice(_DONE[field])
    palette = HEADER if field == "header" else CLAIMS
    name = random.choice(list(palette))
    return field, name, random.choice(palette[name])
