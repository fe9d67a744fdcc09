"""The pile: every single change of a good token for each key, then several at once, drawn from a seed."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from random import Random
from typing import Final

from tests.forgery.mangles import LONG, REWRITES, SEGMENTS, SIGNATURES, TEXTS
from tests.forgery.palette import CLAIMS, HEADER
from tests.forgery.recipe import LEFT_OUT, Members, Recipe

EXAMPLES: Final = 22_000
SWEPT: Final = ("hs", "ed", "ec")  # the cheap keys
_KEYS: Final = ("hs", "ed", "ec", "rsa", "a stranger's ec", "a stranger's ed", "a stranger's hs", "the text of ec")
_UNTYPED: Final = (("typ", LEFT_OUT),)  # there the claims tell the kind
_WEIGHTS: Final = (40, 25, 25, 2, 2, 2, 2, 2)


def recipes(seed: int, examples: int = EXAMPLES) -> Iterator[Recipe]:
    """So many recipes, always the same for a seed."""
    random = Random(seed)
    drawn = 0
    for recipe in (*_good(), *_swept()):
        drawn += 1
        yield recipe
    while drawn < examples:
        drawn += 1
        recipe = Recipe(random.choices(_KEYS, _WEIGHTS)[0], random.choice((_UNTYPED, ())))
        for _ in range(random.choices((0, 1, 2, 3), (5, 20, 50, 25))[0]):
            recipe = _changed(recipe, random)
        yield recipe


def _drawable(names: Iterable[str]) -> list[str]:
    """Long ones take the other judge long, and are swept."""
    return [name for name in names if not name.endswith(LONG)]


def _good() -> Iterator[Recipe]:
    """Those that nobody may refuse, or that a stranger has signed."""
    for key in (*_KEYS, "an empty secret"):
        yield Recipe(key)


def _swept() -> Iterator[Recipe]:
    for key in SWEPT:
        for part, palette in (("header", HEADER), ("claims", CLAIMS)):
            for name, values in palette.items():
                for value in values:
                    yield _saying(Recipe(key), part, name, value)
                    yield _saying(Recipe(key, _UNTYPED), part, name, value)
        for field, names in (("rewrites", REWRITES), ("segments", SEGMENTS), ("texts", TEXTS)):
            for name in names:
                yield _with(Recipe(key), field, name)
        for name in SIGNATURES:
            yield replace(Recipe(key), signature=name)


def _changed(recipe: Recipe, random: Random) -> Recipe:
    kind = random.choices(("header", "claims", "rewrites", "segments", "texts", "signature"), (18, 48, 14, 8, 8, 4))[0]
    if kind in ("header", "claims"):
        palette = HEADER if kind == "header" else CLAIMS
        name = random.choice(list(palette))
        return _saying(recipe, kind, name, random.choice(palette[name]))
    if kind == "signature":
        return replace(recipe, signature=random.choice(list(SIGNATURES)))
    return _with(recipe, kind, random.choice(_DRAWN[kind]))


_DRAWN: Final = {
    "rewrites": _drawable(REWRITES),
    "segments": _drawable(SEGMENTS),
    "texts": _drawable(TEXTS),
}


def _saying(recipe: Recipe, part: str, name: str, value: str) -> Recipe:
    members: Members = (*(recipe.header if part == "header" else recipe.claims), (name, value))
    return replace(recipe, header=members) if part == "header" else replace(recipe, claims=members)


def _with(recipe: Recipe, field: str, name: str) -> Recipe:
    match field:
        case "rewrites":
            return replace(recipe, rewrites=(*recipe.rewrites, name))
        case "segments":
            return replace(recipe, segments=(*recipe.segments, name))
    return replace(recipe, texts=(*recipe.texts, name))
