"""``igan train``: from a data set to a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.card import check_training, is_checked, made_by
from interpretable_gan.cli.data_open import open_data, open_source
from interpretable_gan.cli.frozen import GeneratorFile, Label, frozen
from interpretable_gan.cli.learning import how_to_resume, learn, learn_together
from interpretable_gan.cli.options import (
    SOURCE_HELP,
    GroupColumn,
    Quiet,
    SchemaFile,
    SplitColumn,
    Strict,
)
from interpretable_gan.cli.options import settings as read_settings
from interpretable_gan.cli.progress import say
from interpretable_gan.cli.train_recommender import (
    ColumnNames,
    Items,
    Liked,
    Sides,
    Users,
    fit_at_once,
    is_fitted_at_once,
)
from interpretable_gan.training.launch import first, launched, launched_here

if TYPE_CHECKING:
    from interpretable_gan.data.dataset import Dataset
    from interpretable_gan.models.config import TrainingConfig

Source = Annotated[
    str | None, typer.Argument(help=f"{SOURCE_HELP} A run that is resumed knows its own.")
]
Preset = Annotated[
    str | None,
    typer.Option(
        help="tiny (32×32, CPU minutes), small (64×64), photo (64×64, photographs, extra "
        "pretrained), base (128×128, GPU); each draws other "
        "sizes by --set size=64."
    ),
]
ModelName = Annotated[
    str | None, typer.Option("--model", help="Of images: gan, vae or frozen [default: gan].")
]
ObjectiveName = Annotated[
    str | None,
    typer.Option(
        "--objective",
        help="Of a VAE: beta, factor, tc (β-TCVAE), dip1, dip2 or annealed; its number is "
        "--set strength=4 [default: beta].",
    ),
]
Out = Annotated[Path | None, typer.Option(help="Folder of the run [default: runs/SOURCE].")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="A setting of the config, such as batch=32.")
]
Images = Annotated[int | None, typer.Option(help="How many images to show in all.")]
Seed = Annotated[int | None, typer.Option(help="Of every random choice.", min=0)]
Target = Annotated[
    str | None,
    typer.Option(
        help="Of a table: the column to predict, and its wanted value, such as risk=good. Of "
        "images: the attribute; they are then read and not drawn.",
        metavar="COLUMN[=VALUE]",
    ),
]
Resume = Annotated[Path | None, typer.Option(help="Go on with a run that was stopped.")]
GoOn = Annotated[
    bool,
    typer.Option(
        "--go-on",
        help="Go on with the run in --out where it has begun, so that one command starts it and "
        "starts it again.",
    ),
]
Processes = Annotated[int, typer.Option("--nproc", help="Processes on this machine.", min=1)]
TensorBoard = Annotated[
    bool, typer.Option("--tensorboard", help="Write curves to RUN/tensorboard.")
]
NoCheck = Annotated[bool, typer.Option("--no-check", help="Leave out the quick check at the end.")]


def train(
    source: Source = None,
    preset: Preset = None,
    model: ModelName = None,
    objective: ObjectiveName = None,
    generator: GeneratorFile = None,
    label: Label = None,
    out: Out = None,
    settings: Settings = None,
    images: Images = None,
    seed: Seed = None,
    schema: SchemaFile = None,
    group: GroupColumn = None,
    split_column: SplitColumn = None,
    target: Target = None,
    users: Users = None,
    items: Items = None,
    column: ColumnNames = None,
    liked: Liked = None,
    resume: Resume = None,
    go_on: GoOn = False,
    strict: Strict = False,
    nproc: Processes = 1,
    tensorboard: TensorBoard = False,
    no_check: NoCheck = False,
    quiet: Quiet = False,
) -> None:
    """Train a model. Ctrl-C saves; --resume goes on as if it had never stopped.

    Tables, interactions and readers (--target) are fitted at once. A run of images ends with a
    quick check, its card at small sizes. igan steer RUN SOURCE is a step of its own.

    \b
    Examples:
        igan train faces/ --preset small --set batch=32 --nproc 2 --out runs/faces
        igan train drawn/ --generator generator.pt --out runs/theirs
        igan train --resume runs/faces
        igan train credit.csv --target credit_risk=good --out runs/credit
        igan train ratings.csv --users users.csv --items items.csv --out runs/films
    """
    changes = _changes(settings or [], images, seed, objective) | frozen(generator, label)
    model = model or ("frozen" if generator else None)
    columns = {"schema": schema, "group": group, "split_column": split_column}
    sides = Sides(users, items, tuple(column or ()), liked)
    quiet = quiet or not first()
    _end_with_launcher()
    if resume is None and source is not None and is_fitted_at_once(source, sides, target):
        _refuse_steps(preset, model, objective, images, nproc, tensorboard or go_on)
        fit_at_once(source, target, out, changes, columns, sides, strict, quiet=quiet)
        return
    _refuse_target(target)
    if resume is not None:
        _refuse_changes(preset, model, out, changes, columns)
    elif go_on:
        resume = _begun_before(source, out, preset, model, changes)
    folder, config, data = _opened(
        resume, source, preset, model, out, changes, columns, strict, quiet
    )
    how = {"resume": resume is not None, "tensorboard": tensorboard, "quiet": quiet}
    _learn(data, config, folder, nproc, {**columns, "strict": strict}, no_check, how)


def _learn(
    data: Dataset,
    config: TrainingConfig,
    folder: Path,
    processes: int,
    columns: dict[str, Any],
    no_check: bool,
    how: dict[str, bool],
) -> None:
    """Train, in this process or in several that are told the same ``columns``, and check."""
    if processes > 1 and not launched():
        options = [
            f"--{name.replace('_', '-')}" + ("" if each is True else f"={each}")
            for name, each in columns.items()
            if each
        ]
        learn_together(data, config, folder, processes, options=options, **how)
    else:
        learn(data, config, folder, **how)
    _end(folder, data, processes, no_check, quiet=how["quiet"])


def _end(folder: Path, data: Dataset, processes: int, no_check: bool, *, quiet: bool) -> None:
    """The quick check, the folder, and what may come next."""
    if first() and not launched_here():
        if not no_check:
            _check(folder, data, processes, quiet=quiet)
        typer.echo(str(folder))
        then = f"check {folder}" if no_check else f"sample {folder} --n 16"
        say(f"Next: igan {then}", quiet=quiet)


def _refuse_steps(
    preset: str | None,
    model: str | None,
    objective: str | None,
    images: int | None,
    nproc: int,
    flags: bool,
) -> None:
    """A table is fitted at once, by one process.

    Raises:
        BadParameter: an option that is for training step by step.
    """
    if preset or model or objective or images or nproc > 1 or flags:
        raise typer.BadParameter(
            "with a target, a model is fitted at once; leave out --preset, --model, --objective, "
            "--images, --nproc, --tensorboard and --go-on."
        )


def _refuse_target(target: str | None) -> None:
    """A run that is resumed has its target, or none.

    Raises:
        BadParameter: one is named.
    """
    if target is not None:
        raise typer.BadParameter(
            "a target is for tables and readers, which are fitted at once and not resumed: name "
            "the data too.",
            param_hint="--target",
        )


def _changes(
    settings: list[str], images: int | None, seed: int | None, objective: str | None
) -> dict[str, Any]:
    """Settings of the config that differ from the preset's.

    Raises:
        BadParameter: the preset or the family is among them.
    """
    chosen = read_settings(settings)
    if "preset" in chosen:
        raise typer.BadParameter(
            f"a preset is chosen by --preset {chosen['preset']}.", param_hint="--set"
        )
    if "family" in chosen:
        raise typer.BadParameter(
            f"a family is chosen by --model {chosen['family']}.", param_hint="--set"
        )
    own = {"images": images, "seed": seed, "objective": objective}
    return chosen | {name: value for name, value in own.items() if value is not None}


def _refuse_changes(
    preset: str | None, model: str | None, out: Path | None, *others: dict[str, Any]
) -> None:
    """A run is resumed as it began.

    Raises:
        BadParameter: something is to be otherwise.
    """
    given = [preset, model, out, *(value for each in others for value in each.values())]
    if any(value is not None for value in given):
        raise typer.BadParameter(
            "a run is resumed with its own config and schema; leave out --preset, "
            "--model, --objective, --set, --images, --seed, --out, --schema, --group and "
            "--split-column.",
            param_hint="--resume",
        )


def _begun(
    folder: Path, source: str | None, strict: bool, quiet: bool
) -> tuple[Path, TrainingConfig, Dataset]:
    """Folder, config and data of a run to go on with."""
    from interpretable_gan.training.run import Run

    run = Run.open(folder)
    data = open_data(run, source, strict=strict, quiet=quiet or launched_here())
    return folder, run.config, data


def _begun_before(
    source: str | None,
    out: Path | None,
    preset: str | None,
    model: str | None,
    changes: dict[str, Any],
) -> Path | None:
    """The folder of a run that the same command has begun; None where it has not.

    Raises:
        BadParameter: the run there has other settings.
    """
    from interpretable_gan.models.families import configured
    from interpretable_gan.training.run import Run

    folder = out or (_folder_of(source) if source else None)
    if folder is None or not (folder / "config.json").exists():
        return None
    config = configured(model or "gan", preset or "tiny", **changes)
    if Run.open(folder).config != config:
        raise typer.BadParameter(
            f"{folder} holds a run with other settings: igan train --resume {folder}, or name "
            "another folder.",
            param_hint="--go-on",
        )
    return folder


def _folder_of(source: str) -> Path:
    """Where a run of these data goes, if nobody says otherwise."""
    return Path("runs") / Path(source).resolve().stem


def _opened(
    resume: Path | None,
    source: str | None,
    preset: str | None,
    model: str | None,
    out: Path | None,
    changes: dict[str, Any],
    columns: dict[str, Any],
    strict: bool,
    quiet: bool,
) -> tuple[Path, TrainingConfig, Dataset]:
    """Folder, config and data of the run to go on with, or of a new one.

    Raises:
        BadParameter: no data are named, an objective of a GAN, or the folder holds a run.
    """
    from interpretable_gan.models.families import configured

    if resume is not None:
        return _begun(resume, source, strict, quiet)
    if source is None:
        raise typer.BadParameter(f"name the data: {SOURCE_HELP}", param_hint="SOURCE")
    if "objective" in changes and model != "vae":
        raise typer.BadParameter("a VAE has objectives: add --model vae.", param_hint="--objective")
    config: Any = configured(model or "gan", preset or "tiny", **changes)
    folder = out or _folder_of(source)
    if first() and (folder / "config.json").exists():
        raise typer.BadParameter(
            f"{folder} holds a run: igan train --resume {folder}, or name another folder.",
            param_hint="--out",
        )
    data = open_source(
        source,
        size=config.size,
        seed=config.seed,
        strict=strict,
        schema=columns["schema"],
        roles={"split": columns["split_column"], "group": columns["group"]},
        quiet=quiet or launched_here(),
    )
    return folder, config, data


def _check(folder: Path, data: Dataset, processes: int, *, quiet: bool) -> None:
    """The quick check of a trained run, where it has none of its present weights."""
    from interpretable_gan.audit.headline import headline
    from interpretable_gan.training.run import Run

    if is_checked(folder):
        return
    if made_by(folder) == "igan audit":
        say(
            f"The card of {folder} is of earlier weights; to make it again: "
            f"igan audit {folder} --force",
            quiet=quiet,
        )
        return
    say(
        "Trained. Now the check: it trains two evaluators and measures how the model does on test "
        "images (--no-check leaves it out).",
        quiet=quiet,
    )
    try:
        typer.echo(headline(check_training(Run.open(folder), data, quiet=quiet)))
    except KeyboardInterrupt:
        say(f"Trained, but not checked. To go on: {how_to_resume(folder, processes)}", quiet=quiet)
        raise


def _end_with_launcher() -> None:
    """A launched process ends with its launcher, so that nobody else trains its run."""
    from interpretable_gan.training.runtime import end_with_parent

    if launched_here():
        end_with_parent()
