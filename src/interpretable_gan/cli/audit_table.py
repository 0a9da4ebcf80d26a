"""``igan audit`` of a run of a table or of a recommender."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from interpretable_gan.cli.card import to_make_again
from interpretable_gan.cli.progress import progress

if TYPE_CHECKING:
    from interpretable_gan.audit.card import Card
    from interpretable_gan.training.run import Run


def table_card(run: Run, source: str | None, *, quiet: bool) -> Card:
    """The card of a run of a table or of a recommender, with progress on stderr."""
    from interpretable_gan.audit.recommend import audit_recommender
    from interpretable_gan.audit.rows import audit_rows
    from interpretable_gan.training.recommend import open_again
    from interpretable_gan.training.tables import open_rows

    audit: Any = audit_rows
    data: Any
    if run.config.family == "recommend":
        audit, data = audit_recommender, open_again(run, source)
    else:
        data = open_rows(run, source)
    with progress("auditing", quiet=quiet) as show:
        return audit(
            run.model("cpu"),
            data,
            seed=run.config.seed,
            command=to_make_again("igan audit", run.path, source, []),
            by="igan audit",
            progress=show,
        )
