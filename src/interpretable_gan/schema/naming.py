"""Names of columns compared as people read them."""

from __future__ import annotations

import re


def plain(name: str) -> str:
    """A name without case, blanks and punctuation.

    >>> plain("Patient ID") == plain("patient_id") == plain("patientId")
    True
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def words(name: str) -> list[str]:
    """The words of a name in lower case; a capital behind a small letter begins one.

    >>> words("posX"), words("Black_Hair"), words("patient-ID")
    (['pos', 'x'], ['black', 'hair'], ['patient', 'id'])
    """
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.findall(r"[^\W_]+", parted.casefold())
