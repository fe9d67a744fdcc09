"""The words of docs/performance.md that do not change with the figures."""

from typing import Final

BEGINNING: Final = """\
# Performance

What a check costs, beside the raw signature check of `cryptography`, beside other libraries, and in front of
frameworks. This page is written by `python -m benchmarks`; nothing in it is typed by hand but the words.

Read ratios, not microseconds: a ratio is measured side by side in one process and holds on another day, a time belongs
to the machine it was taken on. The bounds of the goals are what we accept; the reference column is the best that was
found when they were set. `python -m benchmarks.gate` holds each goal with a quarter of room for noisy machines, what is
missed where it was recorded, and what is counted exactly. Beside a miss stand its largest steps; all of them are under
"Where the time goes".
"""

VERIFY: Final = """
## One token that was never seen

The whole check (shape, algorithm, signature, issuer, audience, times) over one call of `cryptography` with everything
prepared. One token after RFC 9068 with sixteen claims. Median of the per-round ratios, its quartiles, and the time.

The libraries written in Rust bring their own cryptography and are faster here than any check on OpenSSL can be; where
they are, the table says so. All contestants refuse a tampered signature, an expired token, another audience and another
issuer; who does not is not listed. How much they check besides differs.
"""

WARM: Final = """
## One token that was seen a moment ago

A token that was verified in the last minute is recalled by the SHA-256 of its text, and its times and keys are looked
at again. Over the raw RS256 check. A memory of tokens against none shows what a memory is worth, not that the same
work is done faster: the table above shows that.
"""

REFUSALS: Final = """
## Refusing

What a bad token costs, over the raw RS256 check. Columns say what is wrong with it.
"""

FRAMEWORKS: Final = """
## A request, in process

The smallest application in each framework: bare, guarded by others, guarded by ours. No server, no socket. "Warm": the
token was seen a moment ago; "cold": every token is new. What others do is cold, for none of them remembers tokens as
configured here; the cold rows are the ones to compare with them.
"""

SOCKETS: Final = """
## Over sockets

A guarded Starlette application and the bare one at the same time, each with one worker, sharing one core, with wrk on
another. Sixteen connections each; 1,000 tokens in turns when warm, 12,000 when cold.
"""

PROFILES: Final = """
## Where the time goes

Each profile is a ladder: the same work with one step more each time, measured in the same rounds. So each step is timed
where it stands, with what the steps before it have left in the processor's caches, and the steps add up to the whole.
The same code takes half as long again behind a signature check, and up to three times as long in the middle of a
framework, as in a loop of its own: that is why the smallest door costs microseconds.

Of a token that was never seen, what is left beside the signature is `json`, `binascii` and the making of values, in the
standard library. No parser and no decoder of another package is used: a check that decides who comes in should not
change with what happens to be installed, and a name that comes twice must be refused wherever it runs. That is why the
goals which were set with such packages (C1 to C4, M2, S3) are missed; C5 are those without.

An unknown key id is refused as late as it is (R1 key) because nothing is fetched for a token that would be refused
anyway: its claims are looked at first, and always, so that the reason does not depend on what was asked before. An
expired token is told that it has expired, whatever became of its key.

Over sockets (S1 to S3) the steps are those of Starlette. A server runs much other code between two requests, so that
each step is slower again. Where two servers share a core evenly, the one keeps as many requests as its processor time
allows: S2 and S3 are S1 seen from the other side.
"""

SCALE: Final = """
## Scale

The same request with more of something, over the same with the least. For routes it is the request over the bare
request with as many routes; the last route is asked for. Without a token the door looks for the route itself, to see
whether it is marked public, so such a request is routed twice. Of cached tokens a guard keeps at most 10,000; 100,000
shows what more would cost.
"""

HOW: Final = """
## How it is measured

`tox -e bench`, or `pip install -e '.[drf,fastapi,flask]' --group bench` and `python -m benchmarks`: eleven
minutes on two quiet cores. Name parts (`verify`, `refusals`, `frameworks`, `profiles`, `scale`, `imports`, `sockets`)
to measure only those. Sockets need wrk.

- All contestants of one table run in one process, in rounds of 15 ms each, in random order, 21 rounds. What is shown is
  the median of the ratios within a round, and its quartiles. What counts is the processor time of the process, so that
  a busy neighbour does not show in it, unless he takes the caches.
- A run in which the quartiles of one of our ratios lie more than a tenth apart is repeated, up to three times.
- Each part runs in three fresh processes, for memory layouts and hash seeds differ: 63 rounds in all. The middle figure
  counts, with its quartiles; the table of goals shows all three.
- Tokens come in turns and as new objects, as requests bring them.
- Whoever takes one of four bad tokens is left out.
- Figures are kept in `docs/performance/figures.json`.
"""

VERSIONS: Final = """
## Measured on
"""
