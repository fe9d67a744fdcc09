"""The command ``jwt-middleware``."""

import click

from .demo import demo
from .doctor import doctor
from .explain import explain
from .inspect import inspect
from .issue import issue
from .keys import keys
from .routes import routes


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="jwt-middleware", prog_name="jwt-middleware")
def main() -> None:
    """Bearer tokens (JWTs) for Python web applications: who is calling, and what may they do?"""


main.add_command(demo)
main.add_command(routes)
main.add_command(inspect)
main.add_command(explain)
main.add_command(doctor)
main.add_command(keys)
main.add_command(issue)
