"""Change: one thing that is otherwise than in a good token; and every one that is known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from .mangles import REWRITES, SEGMENTS, SIGNATURES, TEXTS
from .palette import CLAIMS, HEADER
from .recipe import Recipe

# a field of Recipe; there the name of a member and what it says, or else what is done and nothing
Change = tuple[str, str, str]


def changed(recipe: Recipe, *changes: Change) -> Recipe:
    for field, name, value in changes:
        match field:
            case "claims":
                recipe = replace(recipe, claims=(*recipe.claims, (name, value)))
            case "header":
                recipe = replace(recipe, header=(*recipe.header, (name, value)))
            case "rewrites":
                recipe = replace(recipe, rewrites=(*recipe.rewrites, name))
            case "segments":
                recipe = replace(recipe, segments=(*recipe.segments, name))
            case "texts":
                recipe = replace(recipe, texts=(*recipe.texts, name))
            case "signature":
                recipe = replace(recipe, signature=name)
    return recipe


def saying(field: str, palette: Mapping[str, Sequence[str]]) -> list[Change]:
    return [(field, name, value) for name, values in palette.items() for value in values]


def doing(field: str, names: Iterable[str]) -> list[Change]:
    return [(field, name, "") for name in names]


EVERY: Final[Sequence[Change]] = (
    *saying("header", HEADER),
    *saying("claims", CLAIMS),
    *doing("rewrites", REWRITES),
    *doing("segments", SEGMENTS),
    *doing("signature", SIGNATURES),
    *doing("texts", TEXTS),
)
