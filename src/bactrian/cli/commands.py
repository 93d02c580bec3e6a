"""A command whose help ends in examples."""

from __future__ import annotations

from typing import Any

import click


class Command(click.Command):
    """A command with examples.

    Parameters
    ----------
    examples : tuple of str
        Command lines, without the ``bactrian`` in front.
    """

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"  bactrian {example}\n")
