"""The whole check of a token that was never seen, over the raw signature check."""

from ..figures import Figure, compared
from ..rounds import measure_steadily
from ..samples import ALGORITHMS, FEW, checking, tokens
from .floor import FLOOR, floor
from .libraries import OURS, contestants


def figures(*, peers: bool) -> list[Figure]:
    found = []
    for algorithm in ALGORITHMS:
        texts = tokens(algorithm, FEW)
        works = {name: checking(check, texts) for name, check in contestants(algorithm, peers=peers).items()}
        rounds = measure_steadily({FLOOR: floor(algorithm), **works}, [(OURS, FLOOR)])
        found += compared(rounds, "verify", algorithm, FLOOR)
    return found
