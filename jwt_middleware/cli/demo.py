"""``jwt-middleware demo``: four services that trust one another's tokens, played step by step."""

import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.text import Text

from .mesh import Mesh, running, services_folder
from .own_redis import own_redis
from .processes import ChildDied, PortTaken, bound
from .stage import Stage, Surprise
from .story import STEPS, Cast

_WIDTH = 80


class Terminated(BaseException):
    """SIGTERM came: everything is cleaned up on the way out."""


@click.command()
@click.option("--serve", is_flag=True, help="Play nothing; serve a page on which you play yourself, until Ctrl-C.")
@click.option(
    "--port-base",
    type=click.IntRange(1, 65531),
    help="Use this port and the next three, and one more for the page. [default: free ones]",
)
@click.option("--services", type=click.Path(path_type=Path, exists=True, file_okay=False), hidden=True)
def demo(serve: bool, port_base: int | None, services: Path | None) -> None:
    """Start four services on this machine and play what may and may not happen between them.

    People log in at accounts (Starlette) and get a token; orders (FastAPI) and inventory (Django) trust it; shipping
    (Starlette) is another company, with tokens of its own. Nothing is installed, nothing is left behind, nothing but
    this machine is reached. The exit code is 1 if anything comes other than expected.

    With --serve you watch requests walk through the services on a page in your browser: who was calling at each of
    them, what was demanded, what was decided and why.
    """
    console = Console(width=min(Console().width, _WIDTH) if sys.stdout.isatty() else _WIDTH, highlight=False)
    signal.signal(signal.SIGTERM, _terminate)
    place = Path(tempfile.mkdtemp(prefix="jwt-middleware-demo-"))
    try:
        code = (_serve if serve else _play)(console, services or services_folder(), place, port_base)
    except PortTaken as taken:
        raise click.ClickException(f"{taken}; choose another --port-base, or leave it out to use free ports") from taken
    except KeyboardInterrupt:
        console.print(Text("\nInterrupted; everything is stopped.", "yellow"))
        code = 128 + signal.SIGINT
    except Terminated:
        code = 128 + signal.SIGTERM
    finally:
        shutil.rmtree(place, ignore_errors=True)
    sys.exit(code)


def _serve(console: Console, folder: Path, place: Path, port_base: int | None) -> int:
    from .page.serving import serve  # loads a web framework, which those who only play need not have

    try:
        with (
            bound(0 if port_base is None else port_base + len(_WHAT)) as port,
            own_redis(place) as redis_url,
            running(folder, place, port_base, redis_url) as mesh,
        ):
            _introduce(console, mesh)
            port.listen()  # whoever opens the page at once is not turned away
            shared = "through a Redis of this demo's own" if redis_url else "by nobody: there is no redis-server here"
            console.print(Text(f"\nLogouts are heard {shared}."))
            console.print(
                Text(f"Open http://127.0.0.1:{port.getsockname()[1]}/ in a browser. Ctrl-C ends everything.", "bold")
            )
            serve(mesh, port)
    except ChildDied as wrong:
        console.print(Text(f"\n{wrong}", "bold red"))
        return 1
    return 0


def _play(console: Console, folder: Path, place: Path, port_base: int | None) -> int:
    began = time.monotonic()
    title = "starting"
    try:
        console.print(Text("Four services on this machine. Below each request: what each service decided.\n"))
        with running(folder, place, port_base) as mesh:
            _introduce(console, mesh)
            stage, cast = Stage(mesh, console), Cast()
            try:
                for number, step in enumerate(STEPS, 1):
                    title = step.title
                    console.print(Text(f"\n{number}/{len(STEPS)}  {title}", "bold"))
                    console.print(Text(f"     {step.sentence}", "dim"))
                    step.play(stage, cast)
            finally:
                stage.close()
    except (Surprise, ChildDied) as wrong:
        console.print(Text(f"\nNOT AS EXPECTED, step: {title}\n  {wrong}", "bold red"))
        return 1
    seconds = time.monotonic() - began
    console.print(Text(f"\nAll {len(STEPS)} steps went as expected, in {seconds:.1f} seconds.", "bold green"))
    console.print(Text(f"The services are small files to copy from:\n  {folder}", ""), soft_wrap=True)
    return 0


def _introduce(console: Console, mesh: Mesh) -> None:
    for (name, url), what in zip(mesh.urls.items(), _WHAT, strict=True):
        console.print(Text(f"  {name:<10} {url:<23} {what}"))


_WHAT = (
    "Starlette: people log in here; signs tokens",
    "FastAPI: trusts accounts and the partner",
    "Django: trusts accounts",
    "Starlette: a partner, with its own issuer",
)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
