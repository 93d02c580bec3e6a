"""A command whose help ends with examples."""

from __future__ import annotations

from typing import Any

import click

from bactrian.cli.places import check_outputs


class Command(click.Command):
    """A command with examples, which never overwrites a file that it reads.

    Parameters
    ----------
    examples : tuple of str
        Command lines, without the ``bactrian`` in front.
    """

    def __init__(self, *arguments: Any, examples: tuple[str, ...] = (), **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.examples = examples

    def invoke(self, ctx: click.Context) -> Any:
        """Run, unless an output would overwrite another file."""
        check_outputs(ctx)
        return super().invoke(ctx)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples."""
        if self.examples:
            with formatter.section("Examples"):
                for example in self.examples:
                    formatter.write(f"  bactrian {example}\n")
