"""``igan info``: what a run is, how good it is, and what the doctor says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from interpretable_gan.cli.options import RUN_HELP, AsJson

if TYPE_CHECKING:
    from interpretable_gan.audit.card import Card
    from interpretable_gan.models.taught import Word
    from interpretable_gan.training.run import Run


def info(run: Annotated[Path, typer.Argument(help=RUN_HELP)], as_json: AsJson = False) -> None:
    """Tell what a run is and how good it is.

    Config, schema, the doctor's notes and the card.

    \b
    Examples:
        igan info runs/faces
        igan info runs/faces --json
    """
    from interpretable_gan.training.run import Run

    opened = Run.open(run)
    if as_json:
        typer.echo(json.dumps(_described(opened), ensure_ascii=False))
    elif opened.config.family == "table":
        _print_table(opened)
    elif opened.config.family == "reader":
        _print_reader(opened)
    elif opened.config.family == "recommend":
        _print_recommender(opened)
    else:
        _print(opened)


def _described(run: Run) -> dict[str, Any]:
    return {
        "run": str(run.path),
        "unfinished": run.unfinished(),
        "card": _described_card(run.path),
        "config": run.config.model_dump(mode="json"),
        "schema": run.schema.to_dict(),
        "words": [_word(each) for each in run.words()],
        "notes": run.notes(),
        "quality": run.log()[0].get("quality") if run.log() else None,
    }


def _print_table(run: Run) -> None:
    """A run of a table: columns, what it predicts, and how well."""
    from interpretable_gan.cli.train_table import quality_lines

    record, schema = run.log()[0], run.schema
    rows = ", ".join(f"{count:,} {name}" for name, count in record["rows"].items())
    typer.echo(f"{run.path}: table {record['data']} ({rows}), seed {run.config.seed}")
    typer.echo(f"  columns: {', '.join(_told(attribute) for attribute in schema.named)}")
    for line in quality_lines(run):
        typer.echo(f"  {line}")


def _print_reader(run: Run) -> None:
    """A run of a reader: what it learned from, how well it reads, and what its target rests on."""
    from interpretable_gan.cli.train_reader import quality_lines

    record = run.log()[0]
    rows = ", ".join(f"{count:,} {name}" for name, count in record["rows"].items())
    typer.echo(f"{run.path}: reader of {record['data']} ({rows}), seed {run.config.seed}")
    for line in quality_lines(run):
        typer.echo(f"  {line}")


def _print_recommender(run: Run) -> None:
    """A run of a recommender: what it learned from, and how good its lists are."""
    from interpretable_gan.cli.train_recommender import quality_lines

    record, schema = run.log()[0], run.schema
    rows = ", ".join(f"{count:,} {name}" for name, count in record["rows"].items())
    typer.echo(
        f"{run.path}: {record['users']:,} users and {record['items']:,} items of "
        f"{record['data']} ({rows}), seed {run.config.seed}"
    )
    for group, names in schema.groups.items():
        if group:
            typer.echo(f"  {group}: {', '.join(_told(schema[name]) for name in names)}")
    typer.echo(f"  discovered: {len(schema.discovered)}")
    for line in quality_lines(run):
        typer.echo(f"  {line}")


def _print(run: Run) -> None:
    from interpretable_gan.audit.headline import headline

    config, schema = run.config, run.schema
    typer.echo(
        f"{run.path}: preset {config.preset}, {config.size}×{config.size}, "
        f"{config.images:,} images, {_kind(config)}, seed {config.seed}"
    )
    for group, names in schema.groups.items():
        shown = [_told(schema[name]) for name in names if schema[name].source == "named"]
        if shown:
            typer.echo(f"  {group or 'attributes'}: {', '.join(shown)}")
    typer.echo(f"  discovered: {len(schema.discovered)}")
    for word in run.words():
        about = _word(word)
        low, high = about["interval"]
        typer.echo(
            f"  taught: {about['name']}, read with a balanced accuracy of {about['accuracy']:.0%} "
            f"[{low:.0%}, {high:.0%}] from {about['yes']} images with it and {about['no']} without"
            f"{'' if about['drawn'] else '; it cannot be drawn'}"
        )
    if told := run.unfinished():
        typer.echo(f"  {told}")
    for note in run.notes() or ["The doctor has nothing to say."]:
        typer.echo(f"  {note}")
    card = _card(run.path)
    if card is None:
        typer.echo(f"  no card yet: igan check {run.path} (quick), or igan audit {run.path} (full)")
    else:
        typer.echo(headline(card))


def _kind(config: Any) -> str:
    """The family of a run of images, and which of its kinds."""
    if config.family == "frozen":
        return f"frozen generator {Path(config.generator).name}, preset {config.preset}"
    if config.family == "vae":
        return f"VAE with objective {config.objective} at {config.weight:g}"
    return f"{config.discriminator} discriminator"


def _word(word: Word) -> dict[str, Any]:
    """What a run was taught, and how well that is read."""
    about = {"name": word.attribute.name, "description": word.attribute.description}
    return about | dict(word.record) | {"drawn": word.steered}


def _described_card(run: Path) -> dict[str, Any] | None:
    """What the card of a run says in short, or None where it has none."""
    card = _card(run)
    if card is None:
        return None
    verdicts = {claim.name: claim.verdict for claim in card.claims}
    return {"sentence": card.sentence(), "by": card.by, "verdicts": verdicts}


def _card(run: Path) -> Card | None:
    from interpretable_gan.audit.card import FILE, Card

    return Card.load(run) if (run / FILE).is_file() else None


def _told(attribute: Any) -> str:
    """An attribute with the values it takes."""
    if attribute.levels:
        return f"{attribute.name} ({', '.join(attribute.levels)})"
    if attribute.range is not None:
        low, high = attribute.range
        return f"{attribute.name} ({low:g} to {high:g}{f' {attribute.unit}'.rstrip()})"
    return str(attribute.name)
