"""The portrait itself: one function per layer, painted back to front."""

from __future__ import annotations

import numpy as np

from interpretable_gan.data.portraits.canvas import (
    Canvas,
    Number,
    Plane,
    bow,
    box,
    ellipse,
    ring,
)
from interpretable_gan.data.portraits.sitter import Numbers, Sitter, tinted

INK = (0.13, 0.09, 0.10)
WHITE = (0.99, 0.98, 0.96)


def paint_portrait(canvas: Canvas, sitter: Sitter) -> None:
    """Paint each sitter on its picture."""
    paint_background(canvas, sitter)
    canvas.place(*sitter.place)
    paint_clothes(canvas, sitter)
    paint_back_hair(canvas, sitter)
    paint_neck(canvas, sitter)
    paint_head(canvas, sitter)
    paint_beard(canvas, sitter)
    paint_age(canvas, sitter)
    paint_nose(canvas, sitter)
    paint_mouth(canvas, sitter)
    for side in (-1.0, 1.0):
        paint_eye(canvas, sitter, side)
    paint_hair(canvas, sitter)
    paint_bangs(canvas, sitter)
    paint_ears(canvas, sitter)
    paint_eyeglasses(canvas, sitter)
    paint_hat(canvas, sitter)
    paint_earrings(canvas, sitter)
    paint_light(canvas, sitter)


def across(sitter: Sitter, u: Number) -> tuple[Numbers, Numbers]:
    """Where a feature at ``u`` on the front of the head comes to lie, and how much it narrows.

    The head is a cylinder of the face's half width turned by ``sitter.turn``.
    """
    angle = np.arcsin(np.clip(u / sitter.width, -0.9, 0.9)) + sitter.turn
    at_rest = np.arcsin(np.clip(u / sitter.width, -0.9, 0.9))
    return sitter.width * np.sin(angle), np.maximum(np.cos(angle) / np.cos(at_rest), 0.55)


def paint_background(canvas: Canvas, sitter: Sitter) -> None:
    """A backdrop that darkens downwards, with a glow behind the head."""
    canvas.paint(canvas.x - 9, sitter.backdrop)
    canvas.paint(0.3 - canvas.y, sitter.backdrop_low, soft=2.4)
    glow = np.maximum(0, 1 - (canvas.x**2 + (canvas.y + 0.1) ** 2) / 1.3)
    canvas.paint(canvas.x - 9, WHITE, opacity=0.38 * glow)


def paint_clothes(canvas: Canvas, sitter: Sitter) -> None:
    below = canvas.window(-1, 0.5, 1, 1)
    shoulders = ellipse(below.x, below.y - 1.22, 0.86, 0.5)
    below.paint_figure(shoulders, sitter.clothes)
    below.paint(shoulders + 0.22, tinted(sitter.clothes, INK, 0.18), soft=0.3)


def paint_back_hair(canvas: Canvas, sitter: Sitter) -> None:
    """What hangs behind the neck; short hair has none."""
    half = sitter.hair_end / 2
    wide = (sitter.width + 0.17) * sitter.hair_volume
    fall = box(canvas.x, canvas.y - half, wide, half, np.minimum(half, 0.24))
    canvas.paint_figure(fall, tinted(sitter.hair, INK, 0.28))


def paint_neck(canvas: Canvas, sitter: Sitter) -> None:
    below = canvas.window(-0.6, 0.25, 0.6, 1)
    neck = box(below.x, below.y - 0.55, 0.2, 0.36, 0.18)
    below.paint_figure(neck, tinted(sitter.skin, "5a2a20", 0.22))


def face_outline(canvas: Canvas, sitter: Sitter) -> Plane:
    """An egg, narrower at the chin; with age it grows longer and the jaw heavy."""
    half = 0.6 + 0.08 * sitter.age
    y = canvas.y + 0.59 - half
    taper = 1 + (0.3 - 0.26 * sitter.age) * np.maximum(y, 0)
    return ellipse(canvas.x * taper, y, sitter.width, half)


def paint_head(canvas: Canvas, sitter: Sitter) -> None:
    middle = canvas.window(-0.85, -0.85, 0.85, 0.92)
    face = face_outline(middle, sitter)
    on_face = middle.paint_figure(face, sitter.skin)
    middle.paint(-face - 0.1, tinted(sitter.skin, "8a3a28", 0.16), on_face, soft=0.25)
    for side in (-1.0, 1.0):
        cheek_x, narrow = across(sitter, side * 0.62 * sitter.width)
        cheek = ellipse(middle.x - cheek_x, middle.y - 0.2, 0.13 * narrow, 0.1)
        middle.paint(cheek, (0.93, 0.35, 0.32), (0.12 + 0.4 * sitter.smiling) * on_face, soft=0.16)


def paint_beard(canvas: Canvas, sitter: Sitter) -> None:
    """Jaw, chin and moustache; the mouth is painted over it."""
    lower = canvas.window(-0.85, -0.1, 0.85, 0.98)
    middle, _ = across(sitter, 0.0)
    clean = ellipse(lower.x - 0.8 * middle, lower.y - 0.02, 0.9 * sitter.width, 0.24)
    jaw = face_outline(lower, sitter) - 0.05
    beard = np.maximum(np.maximum(jaw, -clean), 0.06 - lower.y)
    colour = tinted(sitter.hair, INK, 0.22)
    lower.paint_figure(beard, colour, sitter.beard)
    lower.paint(beard + 0.12, tinted(sitter.hair, WHITE, 0.08), 0.5 * sitter.beard, soft=0.14)


def paint_age(canvas: Canvas, sitter: Sitter) -> None:
    """Lines from nose to mouth, bags under the eyes, furrows on the forehead."""
    middle = canvas.window(-0.7, -0.6, 0.7, 0.75)
    line = tinted(sitter.skin, "5a2a20", 0.58)
    depth = sitter.age * (0.5 + 0.5 * sitter.age)
    centre, _ = across(sitter, 0.0)
    for side in (-1.0, 1.0):
        at, narrow = across(sitter, side * 0.23)
        fold = ellipse(middle.x - at + side * 0.16, middle.y - 0.34, 0.19 * narrow + 0.02, 0.2)
        outer = side * (middle.x - at) + 0.02
        crease = np.maximum(np.maximum(ring(fold, 0.045), -outer), middle.y - 0.38)
        middle.paint(crease, line, 0.85 * depth, soft=0.035)
        eye_x, narrow = across(sitter, side * sitter.eye_distance / 2)
        bag = ellipse(middle.x - eye_x, middle.y - sitter.eyes_y - 0.05, 0.15 * narrow, 0.11)
        middle.paint(np.maximum(ring(bag, 0.045), 0.05 - middle.y), line, 0.8 * depth, soft=0.035)
    for height in (-0.42, -0.34):
        furrow = bow(middle.x - 0.9 * centre, middle.y - height, 0.24, 0.022, -0.03)
        middle.paint(furrow, line, 0.75 * depth, soft=0.035)


def paint_nose(canvas: Canvas, sitter: Sitter) -> None:
    middle = canvas.window(-0.6, -0.25, 0.6, 0.4)
    bridge, _ = across(sitter, 0.0)
    tip = bridge * 1.18
    shade = tinted(sitter.skin, "7a3020", 0.3)
    size = sitter.nose * (0.9 + 0.25 * sitter.age)
    middle.paint(
        ellipse(middle.x - tip, middle.y - 0.165, 0.095 * size, 0.06 * size), shade, 0.9, 0.03
    )
    light = tinted(sitter.skin, WHITE, 0.35)
    middle.paint(ellipse(middle.x - tip, middle.y - 0.07, 0.045 * size, 0.12), light, 0.7, 0.06)


def paint_mouth(canvas: Canvas, sitter: Sitter) -> None:
    lower = canvas.window(-0.85, 0.0, 0.85, 0.8)
    at, narrow = across(sitter, 0.0)
    width = (0.4 + 0.2 * sitter.smiling) * sitter.width * narrow
    rise = 0.16 * sitter.smiling + 0.01
    gape = 0.016 + 0.042 * sitter.smiling + 0.068 * sitter.mouth_open
    x, y = lower.x - at, lower.y - sitter.mouth_y - 0.3 * rise

    natural = tinted(sitter.skin, "b8423f", 0.3)
    lip = natural + sitter.lipstick * (np.array([[0.86], [0.04], [0.2]], np.float32) - natural)
    fullness = sitter.lips + 0.024 * sitter.lipstick
    lower.paint(bow(x, y, width + 0.03, gape + fullness, rise), lip)

    inside = bow(x, y, width, gape, rise)
    lower.paint(inside, (0.26, 0.05, 0.07))
    below_teeth = y + rise * (x / width) ** 2 - 0.07 + 0.1 * sitter.mouth_open
    lower.paint(np.maximum(inside, below_teeth), WHITE, sitter.smiling)


def paint_eye(canvas: Canvas, sitter: Sitter, side: float) -> None:
    """One eye with its brow; eyes shrink a little with age."""
    middle = canvas.window(-0.75, -0.5, 0.75, 0.25)
    at, narrow = across(sitter, side * sitter.eye_distance / 2)
    tall = 0.088 * (1.22 - 0.52 * sitter.age)
    x, y = middle.x - at, middle.y - sitter.eyes_y
    white = bow(x, y, 0.135 * narrow, tall, 0.0)
    middle.paint(white - 0.02, tinted(sitter.skin, INK, 0.5), 0.45)
    middle.paint(white, WHITE)
    pupil_x = x - sitter.gaze - 0.05 * np.sin(sitter.turn)
    iris = ellipse(pupil_x, y + 0.012, 0.078 * narrow, 0.078)
    middle.paint(np.maximum(iris, white), sitter.iris)
    middle.paint(np.maximum(iris + 0.036, white), INK)
    middle.paint(ellipse(pupil_x + 0.026, y + 0.036, 0.02, 0.02), WHITE, 0.95)
    middle.paint(np.maximum(ring(white - 0.008, 0.04), y), INK, 0.9)

    brow = tinted(sitter.hair, INK, 0.35)
    brow = brow + sitter.age * 0.9 * (tinted(brow, "e2e2e6", 0.95) - brow)
    tilt = y + 0.17 + sitter.brow_tilt * side * x
    middle.paint(bow(x, tilt, 0.16 * narrow, sitter.brow_weight * 1.15, -0.05), brow, 0.9)


def hair_outline(canvas: Canvas, sitter: Sitter) -> Plane:
    """A cap over the skull that goes on downwards as far as the hair is long."""
    wide = (sitter.width + 0.1) * sitter.hair_volume
    skull = ellipse(canvas.x, canvas.y + 0.1, wide, 0.66 * sitter.hair_volume)
    cap = np.maximum(skull, canvas.y + 0.02)
    half = (sitter.hair_end + 0.1) / 2
    sides = box(canvas.x, canvas.y + 0.1 - half, wide, half, 0.06)
    return np.minimum(cap, sides)


def paint_hair(canvas: Canvas, sitter: Sitter) -> None:
    """The hair around the face, with a sheen; its lower end is the hair's length."""
    above = canvas.window(-1, -1, 1, 1)
    centre, _ = across(sitter, 0.0)
    wide = (sitter.width + 0.1) * sitter.hair_volume
    outline = hair_outline(above, sitter)
    recede = 0.1 * sitter.age
    opening = ellipse(
        above.x - 0.55 * centre - sitter.parting * 0.4,
        above.y - 0.2 + 0.5 * recede,
        0.86 * sitter.width,
        0.66 + 0.5 * recede,
    )
    opening = np.minimum(
        opening, np.maximum(np.abs(above.x - 0.3 * centre) - 0.86 * sitter.width, 0.2 - above.y)
    )
    hair = np.maximum(outline, -opening)
    above.paint_figure(hair, sitter.hair)
    sheen = ring(ellipse(above.x - 0.2, above.y + 0.1, 0.75 * wide, 0.5), 0.06)
    above.paint(
        np.maximum(np.maximum(sheen, hair + 0.03), above.y + 0.2),
        tinted(sitter.hair, WHITE, 0.35),
        0.6,
        0.08,
    )


def paint_ears(canvas: Canvas, sitter: Sitter) -> None:
    """Ears that medium and long hair hide, and a turned head the far one."""
    middle = canvas.window(-0.85, -0.25, 0.85, 0.4)
    bare = np.clip(1 - 3 * sitter.hair_end, 0, 1)
    for side in (-1.0, 1.0):
        seen = bare * np.clip(1 - 3 * side * sitter.turn, 0, 1)
        x, y = middle.x - ear_x(sitter, side), middle.y - 0.04
        middle.paint_figure(ellipse(x, y, 0.085, 0.13), sitter.skin, seen)
        inner = ellipse(x - side * 0.01, y, 0.04, 0.08)
        middle.paint(inner, tinted(sitter.skin, "8a3a28", 0.35), seen, soft=0.04)


def ear_x(sitter: Sitter, side: float) -> Numbers:
    """Ears sit a quarter turn from the nose."""
    return side * (sitter.width * np.cos(sitter.turn) + 0.03)


def paint_bangs(canvas: Canvas, sitter: Sitter) -> None:
    """A fringe down to the brows, cut in three locks."""
    upper = canvas.window(-0.8, -0.8, 0.8, 0.05)
    centre, _ = across(sitter, 0.0)
    x = upper.x - 0.7 * centre
    lock = np.abs(x / (0.3 * sitter.width) - np.rint(x / (0.3 * sitter.width)))
    edge = upper.y + 0.235 - 0.1 * lock
    fringe = np.maximum(edge, hair_outline(upper, sitter) + 0.05)
    fringe = np.maximum(fringe, np.abs(x) - 0.9 * sitter.width)
    upper.paint(fringe, sitter.hair, sitter.bangs)
    upper.paint(
        np.maximum(fringe + 0.03, 0.4 - lock * 1.0),
        tinted(sitter.hair, INK, 0.3),
        0.5 * sitter.bangs,
    )


def paint_eyeglasses(canvas: Canvas, sitter: Sitter) -> None:
    middle = canvas.window(-0.8, -0.4, 0.8, 0.35)
    y = middle.y - sitter.eyes_y - 0.01
    frame = np.maximum(np.abs(y + 0.04) - 0.022, np.abs(middle.x) - sitter.width)  # bridge, arms
    for side in (-1.0, 1.0):
        at, narrow = across(sitter, side * sitter.eye_distance / 2)
        lens = box(middle.x - at, y, 0.185 * narrow, 0.165, sitter.frame_corner * narrow)
        middle.paint(lens, (0.80, 0.92, 1.0), 0.28 * sitter.eyeglasses)
        frame = np.minimum(np.maximum(frame, -lens), ring(lens, 0.052))
    middle.paint(frame, (0.10, 0.08, 0.11), sitter.eyeglasses)


def paint_hat(canvas: Canvas, sitter: Sitter) -> None:
    """A felt hat above the fringe, with a band."""
    upper = canvas.window(-1, -1, 1, -0.2)
    lean = 0.35 * np.sin(sitter.turn) * sitter.width
    x = upper.x - lean
    crown = np.maximum(box(x, upper.y + 0.4, sitter.width + 0.06, 0.52, 0.3), upper.y + 0.44)
    upper.paint_figure(crown, sitter.hat_colour, sitter.hat)
    band = np.maximum(crown, np.abs(upper.y + 0.57) - 0.07)
    upper.paint(band, tinted(sitter.hat_colour, WHITE, 0.75), sitter.hat)
    brim = ellipse(x, upper.y + 0.47, sitter.width + 0.26, 0.085)
    upper.paint_figure(brim, tinted(sitter.hat_colour, INK, 0.2), sitter.hat)


def paint_earrings(canvas: Canvas, sitter: Sitter) -> None:
    """Gold drops below both ears, over the hair."""
    middle = canvas.window(-0.95, 0.0, 0.95, 0.6)
    for side in (-1.0, 1.0):
        at = ear_x(sitter, side)
        drop = ellipse(middle.x - at, middle.y - 0.29, 0.075, 0.095)
        middle.paint(drop, (0.98, 0.78, 0.16), sitter.earrings)
        middle.paint(ring(drop, 0.03), (0.55, 0.36, 0.02), 0.8 * sitter.earrings)
        middle.paint(
            ellipse(middle.x - at + 0.02, middle.y - 0.26, 0.026, 0.03), WHITE, sitter.earrings
        )


def paint_light(canvas: Canvas, sitter: Sitter) -> None:
    """Brighten the lit side of the sitter and darken the other, warm against cool."""
    lit = np.clip(canvas.x / (sitter.width + 0.12), -1, 1) * sitter.light * canvas.figure
    for channel, gain in zip(canvas.colour, (0.44, 0.4, 0.34), strict=True):
        channel *= 1 + gain * lit
