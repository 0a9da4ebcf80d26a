"""From an attribute code and a style to the measures and colours of the people to be drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from interpretable_gan.data.portraits.attributes import HAIR_COLORS, HAIR_LENGTHS, schema
from interpretable_gan.data.portraits.canvas import Colour, Number

Numbers: TypeAlias = NDArray[np.floating[Any]]
"""One number per picture, (batch,)."""

STYLE = (
    "place_x", "place_y", "roll", "scale", "eye_distance", "eye_colour", "gaze", "brow_tilt",
    "brow_weight", "nose_size", "mouth_height", "lip_fullness", "hair_shade", "hair_volume",
    "parting", "background_hue", "background_tone", "clothes", "hat_colour", "frame_shape",
)  # fmt: skip
"""What varies freely, without a name in the schema: the columns of a style."""


def _palette(*colours: str) -> Numbers:
    """Colours like ``"f9d9c0"`` as (colours, 3) in [0, 1]."""
    return np.array([list(bytes.fromhex(colour)) for colour in colours], np.float32) / 255


SKIN = _palette("fbe0cd", "f0c3a0", "d39c72", "a87048", "85543a")
HAIR = dict(
    zip(HAIR_COLORS, _palette("211d26", "5c3218", "edc35f", "c2491d", "b4b7c0"), strict=True)
)
HAIR_ENDS = dict(zip(HAIR_LENGTHS, (-0.02, 0.46, 1.2), strict=True))
IRIS = _palette("5a3822", "3f2a1d", "4f7a4a", "3f78a8", "6f8797")
BACKDROP = _palette("f2c9b4", "f3dfae", "c9dfb6", "a9d8cf", "aecbe8", "c9bde6", "ecbdd0")
CLOTHES = _palette("2f4b7c", "3b8686", "7fa650", "b5473c", "7a4f8f", "dfe3e8", "3a3f4a")
HATS = _palette("1f6f78", "27476e", "355e3b", "6a3d68", "127a8a")


@dataclass(frozen=True)
class Sitter:
    """A batch of people in drawing units: head coordinates, radians, [0, 1] for what is on or off.

    Every field is (batch,), colours (3, batch), as float32.
    """

    smiling: Numbers
    mouth_open: Numbers
    eyeglasses: Numbers
    hat: Numbers
    beard: Numbers
    bangs: Numbers
    lipstick: Numbers
    earrings: Numbers
    hair: Numbers
    hair_end: Numbers
    skin: Numbers
    age: Numbers
    turn: Numbers
    width: Numbers
    light: Numbers
    place: tuple[Numbers, Numbers, Numbers, Numbers]
    eye_distance: Numbers
    eyes_y: Numbers
    iris: Numbers
    gaze: Numbers
    brow_tilt: Numbers
    brow_weight: Numbers
    nose: Numbers
    mouth_y: Numbers
    lips: Numbers
    hair_volume: Numbers
    parting: Numbers
    backdrop: Numbers
    backdrop_low: Numbers
    clothes: Numbers
    hat_colour: Numbers
    frame_corner: Numbers

    @classmethod
    def read(cls, code: NDArray[Any], style: NDArray[Any]) -> Sitter:
        """Measures of the people that ``code`` (batch, columns) and ``style`` describe."""
        named = {name: part.T for name, part in schema().unpack(code.astype(np.float32)).items()}
        free = dict(zip(STYLE, _squash(style).T, strict=True))  # each in (-1, 1)

        def on(name: str) -> Numbers:
            return (named[name][0] + 1) / 2

        def level(name: str, values: Sequence[Any]) -> Numbers:
            weights = (named[name] + 1) / 2  # (levels, batch)
            total = np.maximum(weights.sum(axis=0), 1e-6)
            parts = (np.float32(v) * w for v, w in zip(values, weights, strict=True))
            return np.add.reduce(list(parts)) / total

        backdrop = _blend(BACKDROP, free["background_hue"])
        width = 0.48 * (1 + 0.2 * named["face_width"][0])
        tone = 0.96 + 0.06 * free["background_tone"]
        return cls(
            smiling=on("smiling"),
            mouth_open=on("mouth_open"),
            eyeglasses=on("eyeglasses"),
            hat=on("hat"),
            beard=on("beard"),
            bangs=on("bangs"),
            lipstick=on("lipstick"),
            earrings=on("earrings"),
            hair=level("hair_color", [HAIR[name][:, None] for name in HAIR_COLORS])
            * (1 + 0.07 * free["hair_shade"]),
            hair_end=level("hair_length", [HAIR_ENDS[name] for name in HAIR_LENGTHS]),
            skin=_blend(SKIN, named["skin_tone"][0]),
            age=on("age"),
            turn=math.radians(30) * named["head_turn"][0],
            width=width,
            light=named["light"][0],
            place=(
                0.06 * free["place_x"],
                0.05 * free["place_y"] + 0.05,
                0.07 * free["roll"],
                1 + 0.05 * free["scale"],
            ),
            eye_distance=(0.9 + 0.08 * free["eye_distance"]) * width,
            eyes_y=-0.03 * named["age"][0] - 0.03,
            iris=_blend(IRIS, free["eye_colour"]),
            gaze=0.025 * free["gaze"],
            brow_tilt=0.18 * free["brow_tilt"],
            brow_weight=0.03 + 0.009 * free["brow_weight"],
            nose=1 + 0.12 * free["nose_size"],
            mouth_y=0.36 + 0.02 * free["mouth_height"] + 0.025 * named["age"][0],
            lips=0.044 + 0.008 * free["lip_fullness"],
            hair_volume=1 + 0.06 * free["hair_volume"],
            parting=0.14 * free["parting"],
            backdrop=backdrop * tone,
            backdrop_low=backdrop * (tone - 0.12),
            clothes=_blend(CLOTHES, free["clothes"]),
            hat_colour=_blend(HATS, free["hat_colour"]),
            frame_corner=0.11 + 0.05 * free["frame_shape"],
        )


def tinted(colour: Numbers, towards: Colour | str, share: Number) -> Numbers:
    """``colour`` (3, batch) moved a ``share`` of the way towards another."""
    other = (
        _palette(towards).T
        if isinstance(towards, str)
        else np.asarray(towards, np.float32).reshape(3, -1)
    )
    return (colour + share * (other - colour)).astype(np.float32)


def _squash(style: NDArray[Any]) -> Numbers:
    """Standard normal numbers to uniform ones in (-1, 1)."""
    return (2 * ndtr(style) - 1).astype(np.float32)


def _blend(colours: Numbers, where: Numbers) -> Numbers:
    """The colour at ``where`` in [-1, 1] along a row of colours, as (3, batch)."""
    at = (where + 1) / 2 * (len(colours) - 1)
    steps = np.arange(len(colours))
    return np.stack([np.interp(at, steps, channel) for channel in colours.T]).astype(np.float32)
