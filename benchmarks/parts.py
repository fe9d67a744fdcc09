"""The parts of a run, by name; each is measured in a process of its own."""

import json
import subprocess
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Final

from .figures import Figure, figures_of

# part → the modules that measure it; each has ``figures(peers=...)``
PARTS: Final = {
    "verify": ("one_token.verify", "one_token.warm"),
    "profiles": ("profiles.one_token", "profiles.asgi_doors", "profiles.flask_doors", "profiles.django_doors"),
    "refusals": ("one_token.refusals",),
    "frameworks": ("frameworks", "calls"),
    "scale": ("scale.trust", "scale.routes", "scale.cached_tokens"),
    "imports": ("imports",),
    "sockets": ("sockets.compare",),
}


def in_a_fresh_process(part: str, *, peers: bool) -> list[Figure]:
    """Measure a part. Raises RuntimeError with what the process said."""
    command = [sys.executable, "-m", f"{__package__}.parts", part, *(["--peers"] if peers else [])]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{part} could not be measured:\n{done.stderr}")
    return figures_of(json.loads(done.stdout.splitlines()[-1]))


def main(arguments: Sequence[str]) -> None:
    """Measure one part here, and print its figures as JSON."""
    warnings.simplefilter("ignore")  # what libraries say of themselves is not measured
    part, *options = arguments
    found = []
    for module in PARTS[part]:
        found += import_module(f"{__package__}.{module}").figures(peers="--peers" in options)
    print(json.dumps([asdict(each) for each in found]))


if __name__ == "__main__":
    main(sys.argv[1:])
