"""The figures of ``edits.py`` as Markdown."""

from __future__ import annotations

from typing import Any, get_args

from interpretable_gan.explain.counterfactual_search import Verdict

VERDICTS: tuple[Verdict, ...] = get_args(Verdict)
COLUMNS_TOLD = (
    "| column | means | better |",
    "|---|---|---|",
    "| faces | faces that did not show the value before; all other columns are about these | |",
    "| success | the evaluator, which training never saw, reads the value after the edit | high |",
    "| second evaluator | an evaluator of another architecture reads it | high |",
    "| side effects | share of the other readable attributes whose reading changed | low |",
    "| of successes | the same, for successful edits only | low |",
    "| identity | cosine similarity to the original | high |",
    "| same person | share of edits as similar as two photographs of one person | high |",
)
"""What the page says about its tables."""


def page(report: dict[str, Any], command: str, sheets: str) -> str:
    """The page: the command, what its columns mean, a table for each way, what to compare with."""
    scale, floor = report["identity_scale"], report["reconstruction"]
    lines = [
        "# Edits of held-out CelebA faces",
        "",
        f"    {command}",
        "",
        f"{report['faces']} faces of the test split, {report['with_eyeglasses']} of them with "
        f"eyeglasses; {report['date']}, {report['seconds']} s on {report['machine']}. "
        "All figures: [edits.json](edits.json).",
        "",
        "The command also saves one sheet of faces and their edits for each table below, into "
        f"`{sheets}/`. The sheets show photographs of real people. "
        "CelebA's terms forbid passing them on, so this page shows none.",
        "",
        *COLUMNS_TOLD,
        "",
        f"Identity is measured on {scale['extractor']}. In brackets: 95 % intervals.",
    ]
    for way, edits in report["edits"].items():
        lines += ["", f"## {way[0].upper()}{way[1:]}", "", *table(edits)]
    lines += [
        "",
        "## What to compare with",
        "",
        f"- **Identity.** Two photographs of one person have a similarity of {scale['same']:.2f} "
        f"{ends(scale['same_interval'])}, of two people {scale['different']:.2f} "
        f"{ends(scale['different_interval'])}, measured on {scale['pairs']} pairs each. "
        f"*Same person* is the share of edits with a similarity above {scale['threshold']:.2f}. "
        f"This threshold classifies {scale['accuracy']:.0%} of the pairs correctly.",
        f"- **Reconstruction.** Without any edit, its error is {told(floor['error'])} of the range "
        f"of pixel values. It changes {told(floor['readings_changed'])} of the readings, and its "
        f"similarity to the original is {told(floor['identity'], '.2f')}. "
        "Edits that are drawn alone start from it.",
    ]
    lines += counterfactuals(report["counterfactuals"])
    return "\n".join(lines) + "\n"


def table(edits: dict[str, Any]) -> list[str]:
    """One row per edit."""
    columns = {
        "success": "success",
        "second evaluator": "success_second_evaluator",
        "side effects": "side_effects",
        "of successes": "side_effects_of_successes",
        "identity": "identity",
        "same person": "same_person",
    }
    lines = [f"| edit | faces | {' | '.join(columns)} |", "|---" * (len(columns) + 2) + "|"]
    for caption, found in edits.items():
        if "withheld" in found:
            cells = [f"withheld: {found['withheld']}"] + [""] * (len(columns) - 1)
        else:
            cells = [
                told(found[key], ".2f" if key == "identity" else ".0%") for key in columns.values()
            ]
        lines.append(f"| {caption} | {found['eligible']} | {' | '.join(cells)} |")
    return lines


def counterfactuals(found: dict[str, Any]) -> list[str]:
    """One row per flip."""
    if not found["faces"]:
        return []
    threshold = found["threshold"]
    rows = [
        f"| {flip} | {' | '.join(told(found[flip][verdict]) for verdict in VERDICTS)} "
        f"| {told(found[flip]['length'], '.2f')} | {told(found[flip]['attributes'], '.1f')} |"
        for flip in found
        if flip not in ("faces", "threshold")
    ]
    return [
        "",
        "## Smallest edits that flip",
        "",
        f"For the first {found['faces']} faces. The threshold of the decision classifies "
        f"{threshold['accuracy']:.0%} of {threshold['images']} real and as many generated images "
        "correctly. Not verified: the evaluator cannot read the changed attributes. "
        "Where a row sums to less than 100 %, no edit was found for the rest. "
        "Length: share of each changed attribute's range, summed, for verified edits.",
        "",
        f"| flip | {' | '.join(VERDICTS)} | length | attributes changed |",
        "|---" * (len(VERDICTS) + 3) + "|",
        *rows,
    ]


def told(figure: dict[str, Any], form: str = ".0%") -> str:
    """A figure with its interval."""
    if figure["value"] is None:
        return "–"
    return f"{figure['value']:{form}} {ends(figure['interval'], form)}".rstrip()


def ends(interval: Any, form: str = ".2f") -> str:
    if interval is None:
        return ""
    low, high = interval
    return f"({low:{form}} to {high:{form}})"
