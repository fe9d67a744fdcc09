"""The command itself."""

import pytest
from click.testing import CliRunner

from jwt_middleware.cli import main


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["demo", "--help"], ["demo", "-h"]])
def test_it_explains_itself(arguments: list[str]) -> None:
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 0
    assert "demo" in shown.output
    assert "--services" not in shown.output


def test_without_a_subcommand_it_explains_itself() -> None:
    shown = CliRunner().invoke(main, [])
    assert "Usage:" in shown.output


@pytest.mark.parametrize(
    "arguments", [["dmeo"], ["demo", "--port-base", "0"], ["demo", "--port-base", "x"], ["demo", "x"]]
)
def test_wrong_arguments_are_usage_errors(arguments: list[str]) -> None:
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 2
    assert "Usage:" in shown.output
