"""``python -m tests.contract.mutations [--rows] [STACK ...]``: every mutant on every stack, and which rows noticed it.

Exits non-zero when one survives. ``--rows`` prints all rows instead of the first three.
"""

import sys

from ..stacks import STACKS
from .survey import Verdict, examine, lines, mutations_of, total

wanted = [each for each in sys.argv[1:] if each != "--rows"]
verdicts: list[Verdict] = []
for stack in STACKS:
    if not wanted or any(each in stack.name for each in wanted):
        print(stack.name, flush=True)
        for mutation in mutations_of(stack):
            verdicts.append(examine(stack, mutation))
            print("\n".join(lines(verdicts[-1], every_row="--rows" in sys.argv)), flush=True)
print(total(verdicts))
sys.exit(any(verdict.complaints for verdict in verdicts))
