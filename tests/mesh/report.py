"""What a run has shown: figures, wrongly refused by cause, and every way in which the model was broken."""

import re
import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from .callers import SLOTS
from .judging import Answer, Token, judge
from .run import Seen
from .visits import visits

_SHOWN: Final = 5  # examples of one fault
_NEVER_PASS: Final = ("forged", "expired", "gone")
_FETCHES: Final = {
    "key sets fetched": r'"GET /jwks HTTP',
    "metadata fetched": r'"GET /\.well-known/[\w-]+ HTTP',
    "token requests": r'"POST /oauth/token HTTP',
}


@dataclass(frozen=True)
class Report:
    """``faults`` is empty where the model held."""

    figures: dict[str, str]
    outcomes: dict[str, int]
    faults: list[str]

    def __str__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self.figures.items()]
        lines += ["", *(f"{count:7d}  {what}" for what, count in self.outcomes.items())]
        broken = ["", "THE MODEL IS BROKEN", *self.faults] if self.faults else ["", "the model held"]
        return "\n".join(lines + broken)


def report(seen: Seen) -> Report:
    tokens = {each.number: each for each in seen.tokens}
    outcomes: Counter[str] = Counter()
    faults: dict[str, list[str]] = {}
    for answer in seen.answers:
        verdict = judge(answer, tokens[answer.token], seen.outages)
        if verdict.fault:
            kind = f"{answer.slot}, {answer.route}: {verdict.fault}"
            faults.setdefault(kind, []).append(_example(seen, answer, tokens[answer.token]))
            outcomes[verdict.fault.partition(":")[0]] += 1
        elif verdict.cause:
            outcomes[f"refused: {verdict.cause}"] += 1
        else:
            outcomes[
                "admitted, as it should be" if answer.status < 400 else f"answered {answer.status}, as it should be"
            ] += 1
    told = [f"{len(each):5d} x {kind} ({'; '.join(each[:_SHOWN])})" for kind, each in faults.items()]
    told += [*_missing(seen), *(f"outside of every outage failed: {each}" for each in seen.unexplained), *_leaks(seen)]
    return Report(_figures(seen), dict(sorted(outcomes.items())), told)


def _example(seen: Seen, answer: Answer, token: Token) -> str:
    began = min(each.sent for each in seen.answers)
    more = ", ".join(filter(None, [token.flaw, str(answer.about.get("code", ""))]))
    return f"request {answer.number} at {answer.sent - began:.1f} s{more and ', '}{more}"


def _missing(seen: Seen) -> Iterable[str]:
    """A run that did not do what it is for proves nothing."""
    planned = sum(1 for _ in visits(seen.seed, seen.rate, seen.seconds))
    if len(seen.answers) != planned:
        yield f"{planned} requests were planned, and {len(seen.answers)} are accounted for"
    admitted = Counter(each.slot for each in seen.answers if each.status in (200, 201))
    refused = Counter(each.slot for each in seen.answers if each.status == 401)
    for slot in SLOTS:
        if slot in _NEVER_PASS:
            if not refused[slot]:
                yield f"nothing was tried as {slot!r}"
        elif not admitted[slot]:
            yield f"nobody was admitted as {slot!r}"


def _leaks(seen: Seen) -> Iterable[str]:
    """No token and no secret stands in a log; of a token, its signature is looked for."""
    wanted = {each.text.rpartition(".")[2]: f"token {each.number} ({each.caller})" for each in seen.tokens}
    wanted |= {each.strip(): "a secret" for each in seen.secrets}
    for name, log in seen.logs.items():
        for text, what in wanted.items():
            if len(text) > 20 and text in log:
                yield f"{what} stands in the log of {name}"
        if "Traceback" in log:
            yield f"an exception stands in the log of {name}: {_last_line_of_exception(log)}"


def _last_line_of_exception(log: str) -> str:
    after = log[log.index("Traceback") :]
    found = re.search(r"^\w[\w.]*(Error|Exception|Outage)\b.*", after, re.MULTILINE)
    return found[0][:200] if found else after[:200]


def _figures(seen: Seen) -> dict[str, str]:
    took = sorted((each.answered - each.sent) * 1000 for each in seen.answers if each.status in (200, 201))
    cuts = statistics.quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
    began, ended = min(each.sent for each in seen.answers), max(each.sent for each in seen.answers)
    fetched = {
        f"{what} at {name}": len(re.findall(pattern, seen.logs[name]))
        for what, pattern in _FETCHES.items()
        for name in ("accounts", "shipping")
    }
    return {
        "requests": f"{len(seen.answers)} in {ended - began:.0f} s, {len(seen.answers) / max(ended - began, 1):.1f} a second (seed {seen.seed})",
        **{
            f"{each.what} was down": f"from {each.since - began:.1f} to {each.until - began:.1f} s"
            for each in seen.outages
        },
        **{what: str(count) for what, count in seen.counts.items() if what != "outages"},
        "answers with 200 or 201": f"median {cuts[49]:.1f} ms, 99 of 100 within {cuts[98]:.1f} ms, the slowest {took[-1] if took else 0:.0f} ms",
        **{what: str(count) for what, count in fetched.items()},
    }
