"""``igan``: the commands, and how they end when something is wrong."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, cast

import typer
from typer.exceptions import TyperException

import interpretable_gan
from interpretable_gan.cli import (
    audit,
    check,
    data,
    demo,
    edit,
    encode,
    explain,
    explore,
    export,
    info,
    metrics,
    name,
    recommend,
    report,
    sample,
    steer,
    suggest,
    teach,
    train,
)
from interpretable_gan.cli.learning import TERMINATED
from interpretable_gan.cli.progress import say
from interpretable_gan.errors import (
    ConfigError,
    InterpretableGANError,
    InterpretableGANWarning,
    LostProcessError,
    UnknownAttributeError,
)
from interpretable_gan.training.launch import WORD, first, launched, launched_here, leave_word

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""

NO_MEMORY = (
    "memory is used up. What was saved before is whole. Smaller images or batches, a smaller model "
    "or fewer processes need less."
)

app = typer.Typer(
    name="igan",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(demo.demo)
app.add_typer(data.app, name="data")
app.add_typer(explain.app, name="explain")
for command in (
    train.train,
    steer.steer,
    suggest.suggest,
    sample.sample,
    recommend.recommend,
    edit.edit,
    encode.encode,
    name.name,
    info.info,
    check.check,
    audit.audit,
    report.report,
    explore.explore,
    export.export,
    metrics.metrics,
):
    app.command()(command)
app.command(cls=teach.Lists)(teach.teach)


@app.callback(invoke_without_command=True)
def igan(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """A GAN that can be understood: named control, exact explanations, measured claims.

    \b
    Examples:
        igan demo
        igan train faces/ --out runs/faces
        igan sample runs/faces --set smiling=1 --n 16
    """
    if version:
        typer.echo(interpretable_gan.__version__)
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def run(arguments: list[str]) -> int:
    """Run one command; returns the exit code.

    0 is done, 1 failed, 2 asked for something that does not exist, 130 stopped by Ctrl-C, 143 by
    SIGTERM. What we know to be wrong is one line on stderr; a traceback means a bug of ours.
    """
    try:
        with _warnings_in_one_line():
            code = int(app(arguments, prog_name="igan", standalone_mode=False) or 0)
    except TyperException as error:
        return _fail(
            f"{error.format_message()} (igan {_command(arguments)}--help)", error.exit_code
        )
    except (ConfigError, UnknownAttributeError) as error:
        return _fail(str(error), 2)
    except LostProcessError as error:  # of which whoever launched it knows more
        return _fail(str(error), 1, leave=False)
    except (InterpretableGANError, OSError) as error:
        return _fail(str(error), 1)
    except (MemoryError, RuntimeError) as error:
        if not _is_memory(error):
            raise
        return _fail(NO_MEMORY, 1)
    if code in (STOPPED, TERMINATED) and not launched():  # one process speaks for all
        say("Stopped.")
    return code


def main() -> None:
    """The entry point of ``igan``."""
    sys.exit(run(sys.argv[1:]))


@contextmanager
def _warnings_in_one_line() -> Iterator[None]:
    """Inside, our own warnings are said as everything else is."""
    with warnings.catch_warnings():
        usual = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *place: Any) -> None:
            if issubclass(category, InterpretableGANWarning):
                say(f"warning: {message}")
            else:
                usual(message, category, *place)

        warnings.showwarning = cast("Any", show)
        yield


def _is_memory(error: MemoryError | RuntimeError) -> bool:
    """Whether memory is used up; torch says so in a RuntimeError of many words."""
    told = ("allocate memory", "out of memory", "not enough memory")
    return isinstance(error, MemoryError) or any(each in str(error).lower() for each in told)


def _fail(sentence: str, code: int, *, leave: bool = True) -> int:
    """Say what is wrong, once, however many processes have failed, and leave word of it."""
    sentence = " ".join(sentence.split())
    if leave:
        leave_word(sentence)
    if first() and not launched_here():
        say(f"{WORD}{sentence}")
    return code


def _command(arguments: list[str]) -> str:
    """The commands among the arguments, to point to the right help."""
    group, found = typer.main.get_command(app), ""
    for word in arguments:
        commands = getattr(group, "commands", {})
        if word not in commands:
            break
        group, found = commands[word], f"{found}{word} "
    return found


if __name__ == "__main__":
    main()
