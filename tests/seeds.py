"""The seed of what tests draw: the same in every run, unless ``--hypothesis-seed`` gives another."""

from typing import Final

import pytest

SEED: Final = 20_260_401


def seed_of(config: pytest.Config) -> int:
    given = config.getoption("--hypothesis-seed", None)
    return SEED if given is None else int(given)
