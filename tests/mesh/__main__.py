"""``python -m tests.mesh``: 180 seconds, 60 requests a second; ends with 1 where the model is broken.

``--seconds``, ``--rate``, ``--seed``; ``--plant NAME`` breaks a service first; ``--plants`` breaks one after the other
in short runs, and ends with 1 where a run does not find it; ``--write`` puts the figures of a run in which the model
held into docs/service-to-service.md.
"""

import argparse
import sys

from .document import machine, write
from .faults import PLANTED
from .report import Report, report
from .run import run

_SHORT = 6.0  # seconds: each planted fault shows itself in the first of them


def main(arguments: list[str] | None = None) -> int:
    said = _asked().parse_args(arguments)
    if said.plants:
        return max(_is_found(name, said) for name in PLANTED)
    found = _run(said, said.seconds, said.plant)
    sys.stdout.write(f"{found}\n")
    if found.faults:
        return 1
    if said.write:
        write(found, machine())
    return 0


def _is_found(name: str, said: argparse.Namespace) -> int:
    faults = [each for each in _run(said, _SHORT, name).faults if "WRONG" in each]
    sys.stdout.write(f"{name}: {'found' if faults else 'NOT FOUND'}\n")
    sys.stdout.writelines(f"    {each[:200]}\n" for each in faults[:2])
    sys.stdout.flush()
    return 0 if faults else 1


def _run(said: argparse.Namespace, seconds: float, plant: str | None) -> Report:
    return report(run(seconds, said.rate, said.seed, PLANTED[plant] if plant else {}))


def _asked() -> argparse.ArgumentParser:
    asked = argparse.ArgumentParser(prog="python -m tests.mesh", description="the example under load while things fail")
    asked.add_argument("--seconds", type=float, default=180.0)
    asked.add_argument("--rate", type=float, default=60.0, help="requests a second, on average")
    asked.add_argument("--seed", type=int, default=1, help="of who calls, what for, and when")
    asked.add_argument("--plant", choices=sorted(PLANTED), help="break a service first")
    asked.add_argument("--plants", action="store_true", help="break one after the other; each must be found")
    asked.add_argument("--write", action="store_true", help="put the figures into docs/service-to-service.md")
    return asked


if __name__ == "__main__":
    sys.exit(main())
