"""Which columns of a table say how its rows are used, instead of what an image shows."""

from __future__ import annotations

from interpretable_gan.schema.attribute import Checked


class Roles(Checked):
    """Names of columns, where names and values do not decide (see `data.columns`), or ``"none"``.

    ``split`` says which rows train, validate and test; rows with the same ``group``, such as one
    person's, stay in one split.
    """

    split: str | None = None
    group: str | None = None

    def over(self, others: Roles) -> Roles:
        """These roles, and others for what they leave open."""
        return Roles(split=self.split or others.split, group=self.group or others.group)
