"""``python -m tests.contract``: run the table and print it; exits non-zero when a cell is broken."""

import sys

from .report import cells_of, lines
from .stacks import STACKS

wanted = sys.argv[1:]
chosen = [stack for stack in STACKS if not wanted or any(each in stack.name for each in wanted)]
cells = [cell for stack in chosen for cell in cells_of(stack)]
print("\n".join(lines(cells, chosen)))
sys.exit(any(cell.broken for cell in cells))
