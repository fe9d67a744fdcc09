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

from .mesh import running, services_folder
from .processes import ChildDied, PortTaken
from .stage import Stage, Surprise
from .story import STEPS, Cast

_WIDTH = 80


class Terminated(BaseException):
    """SIGTERM came: everything is cleaned up on the way out."""


@click.command()
@click.option(
    "--port-base", type=click.IntRange(1, 65532), help="Use this port and the next three. [default: free ones]"
)
@click.option("--services", type=click.Path(path_type=Path, exists=True, file_okay=False), hidden=True)
def demo(port_base: int | None, services: Path | None) -> None:
    """Start four services on this machine and play what may and may not happen between them.

    People log in at accounts (Starlette) and get a token; orders (FastAPI) and inventory (Django) trust it; shipping
    (Starlette) is another company, with tokens of its own. Nothing is installed, nothing is left behind, nothing but
    this machine is reached. The exit code is 1 if anything comes other than expected.
    """
    console = Console(width=min(Console().width, _WIDTH) if sys.stdout.isatty() else _WIDTH, highlight=False)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        code = _play(console, services or services_folder(), port_base)
    except PortTaken as taken:
        raise click.ClickException(f"{taken}; choose another --port-base, or leave it out to use free ports") from taken
    except KeyboardInterrupt:
        console.print(Text("\nInterrupted; everything is stopped.", "yellow"))
        code = 128 + signal.SIGINT
    except Terminated:
        code = 128 + signal.SIGTERM
    sys.exit(code)


def _play(console: Console, folder: Path, port_base: int | None) -> int:
    began = time.monotonic()
    title = "starting"
    logs = Path(tempfile.mkdtemp(prefix="jwt-middleware-demo-"))
    try:
        console.print(Text("Four services on this machine. Below each request: what each service decided.\n"))
        with running(folder, logs, port_base) as mesh:
            for (name, url), what in zip(mesh.urls.items(), _WHAT, strict=True):
                console.print(Text(f"  {name:<10} {url:<23} {what}"))
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
    finally:
        shutil.rmtree(logs, ignore_errors=True)
    seconds = time.monotonic() - began
    console.print(Text(f"\nAll {len(STEPS)} steps went as expected, in {seconds:.1f} seconds.", "bold green"))
    console.print(Text(f"The services are small files to copy from:\n  {folder}", ""), soft_wrap=True)
    return 0


_WHAT = (
    "Starlette: people log in here; signs tokens",
    "FastAPI: trusts accounts and the partner",
    "Django: trusts accounts",
    "Starlette: a partner, with its own issuer",
)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise Terminated
