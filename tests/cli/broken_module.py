"""Cannot be imported."""

nothing = 1 / 0
