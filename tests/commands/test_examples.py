"""The help of each command ends with an example, and its words are those that the command takes."""

import shlex

import click
import pytest

from edge.cli import cli
from edge.commands.examples import EXAMPLES, example_of


@pytest.mark.parametrize("name", cli.commands)
def test_an_example_is_shown_and_is_taken(name):
    """It stands on a line of its own, and every option in it is one of the command's."""
    command = cli.commands[name]
    program, called, *arguments = shlex.split(EXAMPLES[name])

    assert ("antirelou", name) == (program, called)
    assert EXAMPLES[name] == command.get_help(click.Context(command, info_name=name)).splitlines()[-1].strip()
    assert command is command.make_context(name, arguments).command


def test_a_command_without_an_example_has_no_end():
    """Nothing is made up."""
    assert None is example_of("no-such-command")
