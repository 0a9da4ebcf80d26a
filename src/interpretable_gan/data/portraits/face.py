"""The portrait itself: one function per layer, painted back to front."""

from __future__ import annotations

import numpy as np

from interpretable_gan.data.portraits.canvas import (
    Canvas,
    Number,
    Plane,
    bow,
    box,
    common,
    ellipse,
    joined,
    ring,
    rounded,
)
from interpretable_gan.data.portraits.sitter import Numbers, Sitter, tinted

INK = (0.13, 0.09, 0.10)
WHITE = (0.99, 0.98, 0.96)
BLUSH = (0.93, 0.35, 0.32)
LIPSTICK = (0.86, 0.04, 0.20)
THROAT = (0.26, 0.05, 0.07)
FRAME = (0.10, 0.08, 0.11)
GLASS = (0.80, 0.92, 1.00)
GOLD = (0.98, 0.78, 0.16)
OLD_GOLD = (0.55, 0.36, 0.02)
WARMTH = (0.44, 0.40, 0.34)


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
    at_rest = np.arcsin(np.clip(u / sitter.width, -0.9, 0.9))
    turned = at_rest + sitter.turn
    return sitter.width * np.sin(turned), np.maximum(np.cos(turned) / np.cos(at_rest), 0.55)


def paint_background(canvas: Canvas, sitter: Sitter) -> None:
    """A backdrop that darkens downwards, with a glow behind the head."""
    canvas.fill(sitter.backdrop)
    canvas.paint(0.3 - canvas.y, sitter.backdrop_low, soft=2.4)
    glow = np.maximum(0, 1 - (canvas.x**2 + (canvas.y + 0.1) ** 2) / 1.3)
    canvas.fill(WHITE, 0.38 * glow)


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
        middle.paint(cheek, BLUSH, (0.12 + 0.4 * sitter.smiling) * on_face, soft=0.16)


def paint_beard(canvas: Canvas, sitter: Sitter) -> None:
    """Jaw, chin and moustache; the mouth is painted over it."""
    lower = canvas.window(-0.85, -0.1, 0.85, 0.98)
    middle, _ = across(sitter, 0.0)
    clean = ellipse(lower.x - 0.8 * middle, lower.y - 0.02, 0.9 * sitter.width, 0.24)
    jaw = face_outline(lower, sitter) - 0.05
    beard = common(jaw, -clean, 0.06 - lower.y)
    lower.paint_figure(beard, tinted(sitter.hair, INK, 0.5), sitter.beard)
    lower.paint(beard + 0.07, sitter.hair, sitter.beard, soft=0.06)


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
        crease = common(ring(fold, 0.045), -outer, middle.y - 0.38)
        middle.paint(crease, line, 0.85 * depth, soft=0.035)
        eye_x, narrow = across(sitter, side * sitter.eye_distance / 2)
        bag = ellipse(middle.x - eye_x, middle.y - sitter.eyes_y - 0.05, 0.15 * narrow, 0.11)
        middle.paint(common(ring(bag, 0.045), 0.05 - middle.y), line, 0.8 * depth, soft=0.035)
    for height in (-0.42, -0.34):
        furrow = bow(middle.x - 0.9 * centre, middle.y - height, 0.24, 0.022, -0.03)
        middle.paint(furrow, line, 0.75 * depth, soft=0.035)


def paint_nose(canvas: Canvas, sitter: Sitter) -> None:
    middle = canvas.window(-0.6, -0.25, 0.6, 0.4)
    bridge, _ = across(sitter, 0.0)
    tip = bridge * 1.18
    shade = tinted(sitter.skin, "7a3020", 0.3)
    size = sitter.nose * (0.76 + 0.5 * sitter.age)
    base = ellipse(middle.x - tip, middle.y - 0.165, 0.095 * size, 0.06 * size)
    middle.paint(base, shade, 0.9, soft=0.03)
    ridge = ellipse(middle.x - tip, middle.y - 0.07, 0.045 * size, 0.12)
    middle.paint(ridge, tinted(sitter.skin, WHITE, 0.35), 0.7, soft=0.06)


def paint_mouth(canvas: Canvas, sitter: Sitter) -> None:
    """Lips, the dark between them and, in a smile, teeth."""
    lower = canvas.window(-0.85, 0.0, 0.85, 0.8)
    at, narrow = across(sitter, 0.0)
    width = (0.4 + 0.2 * sitter.smiling) * sitter.width * narrow**2
    rise = 0.16 * sitter.smiling + 0.01
    gape = 0.016 + 0.042 * sitter.smiling + 0.078 * sitter.mouth_open
    x, y = lower.x - 0.84 * at, lower.y - sitter.mouth_y - 0.3 * rise

    natural = tinted(sitter.skin, "b8423f", 0.3)
    lip = tinted(natural, LIPSTICK, sitter.lipstick)
    fullness = sitter.lips + 0.024 * sitter.lipstick
    lower.paint(bow(x, y, width + 0.03, gape + fullness, rise), lip)

    inside = bow(x, y, width, gape, rise)
    lower.paint(inside, THROAT)
    upper = y + rise * (x / width) ** 2 - 0.07 + 0.1 * sitter.mouth_open
    lower.paint(common(inside, upper), WHITE, sitter.smiling)  # teeth


def paint_eye(canvas: Canvas, sitter: Sitter, side: float) -> None:
    """One eye with its brow; eyes shrink a little with age."""
    middle = canvas.window(-0.75, -0.5, 0.75, 0.25)
    at, narrow = across(sitter, side * sitter.eye_distance / 2)
    tall = 0.088 * (1.22 - 0.52 * sitter.age)
    x, y = middle.x - at, middle.y - sitter.eyes_y
    white = bow(x, y, 0.28 * sitter.width * narrow, tall, 0.0)
    middle.paint(white - 0.02, tinted(sitter.skin, INK, 0.5), 0.45)
    middle.paint(white, WHITE)
    pupil_x = x - sitter.gaze - 0.05 * np.sin(sitter.turn)
    iris = ellipse(pupil_x, y + 0.012, 0.078 * narrow, 0.078)
    middle.paint(common(iris, white), sitter.iris)
    middle.paint(common(iris + 0.036, white), INK)
    middle.paint(ellipse(pupil_x + 0.026, y + 0.036, 0.02, 0.02), WHITE, 0.95)
    middle.paint(common(ring(white - 0.008, 0.04), y), INK, 0.9)

    brow = tinted(sitter.hair, INK, 0.35)
    brow = tinted(brow, "e2e2e6", 0.85 * sitter.age)
    tilt = y + 0.17 + sitter.brow_tilt * side * x
    middle.paint(bow(x, tilt, 0.16 * narrow, sitter.brow_weight, -0.05), brow, 0.9)


def hair_outline(canvas: Canvas, sitter: Sitter) -> Plane:
    """A cap over the skull that goes on downwards as far as the hair is long."""
    wide = (sitter.width + 0.1) * sitter.hair_volume
    skull = ellipse(canvas.x, canvas.y + 0.1, wide, 0.66 * sitter.hair_volume)
    arch = joined(skull, common(np.abs(canvas.x) - wide, -0.1 - canvas.y))
    return rounded(arch, canvas.y - sitter.hair_end, 0.08)


def hair_opening(canvas: Canvas, sitter: Sitter) -> Plane:
    """Where the hair leaves the face free; the forehead grows higher with age."""
    centre, _ = across(sitter, 0.0)
    free = 0.86 * sitter.width
    higher = 0.05 * sitter.age
    x = canvas.x - 0.55 * centre - 0.4 * sitter.parting
    forehead = ellipse(x, canvas.y - 0.2 + higher, free, 0.66 + higher)
    cheeks = common(np.abs(x) - free, 0.2 - canvas.y)
    return joined(forehead, cheeks)


def paint_hair(canvas: Canvas, sitter: Sitter) -> None:
    """The hair around the face, with a sheen."""
    hair = common(hair_outline(canvas, sitter), -hair_opening(canvas, sitter))
    canvas.paint_figure(hair, sitter.hair)
    bow_of_light = ellipse(canvas.x - 0.2, canvas.y + 0.1, 0.75 * (sitter.width + 0.1), 0.5)
    sheen = common(ring(bow_of_light, 0.06), hair + 0.03, canvas.y + 0.2)
    canvas.paint(sheen, tinted(sitter.hair, WHITE, 0.35), 0.6, soft=0.08)


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
    """A fringe down to the brows, cut in locks."""
    upper = canvas.window(-0.8, -0.8, 0.8, 0.05)
    centre, _ = across(sitter, 0.0)
    x = upper.x - 0.7 * centre
    lock = np.abs(x / (0.3 * sitter.width) - np.rint(x / (0.3 * sitter.width)))
    ends = upper.y + 0.235 - 0.1 * lock
    fringe = common(ends, hair_outline(upper, sitter) + 0.05, np.abs(x) - 0.9 * sitter.width)
    upper.paint(fringe, sitter.hair, sitter.bangs)
    partings = common(fringe + 0.03, 0.4 - lock)
    upper.paint(partings, tinted(sitter.hair, INK, 0.3), 0.5 * sitter.bangs)


def paint_eyeglasses(canvas: Canvas, sitter: Sitter) -> None:
    middle = canvas.window(-0.8, -0.4, 0.8, 0.35)
    y = middle.y - sitter.eyes_y - 0.01
    frame = common(np.abs(y + 0.04) - 0.022, np.abs(middle.x) - sitter.width)  # bridge, arms
    for side in (-1.0, 1.0):
        at, narrow = across(sitter, side * sitter.eye_distance / 2)
        lens = box(middle.x - at, y, 0.185 * narrow, 0.165, sitter.frame_corner * narrow)
        middle.paint(lens, GLASS, 0.28 * sitter.eyeglasses)
        frame = joined(common(frame, -lens), ring(lens, 0.052))
    middle.paint(frame, FRAME, sitter.eyeglasses)


def paint_hat(canvas: Canvas, sitter: Sitter) -> None:
    """A felt hat above the fringe, with a band."""
    upper = canvas.window(-1, -1, 1, -0.2)
    x = upper.x - 0.35 * np.sin(sitter.turn) * sitter.width
    crown = common(box(x, upper.y + 0.4, sitter.width + 0.06, 0.52, 0.3), upper.y + 0.44)
    upper.paint_figure(crown, sitter.hat_colour, sitter.hat)
    band = common(crown, np.abs(upper.y + 0.57) - 0.07)
    upper.paint(band, tinted(sitter.hat_colour, WHITE, 0.75), sitter.hat)
    brim = ellipse(x, upper.y + 0.47, sitter.width + 0.26, 0.085)
    upper.paint_figure(brim, tinted(sitter.hat_colour, INK, 0.2), sitter.hat)


def paint_earrings(canvas: Canvas, sitter: Sitter) -> None:
    """Gold drops below both ears, over the hair."""
    middle = canvas.window(-0.95, 0.0, 0.95, 0.6)
    for side in (-1.0, 1.0):
        at = ear_x(sitter, side)
        drop = ellipse(middle.x - at, middle.y - 0.29, 0.075, 0.095)
        middle.paint(drop, GOLD, sitter.earrings)
        middle.paint(ring(drop, 0.03), OLD_GOLD, 0.8 * sitter.earrings)
        glint = ellipse(middle.x - at + 0.02, middle.y - 0.26, 0.026, 0.03)
        middle.paint(glint, WHITE, sitter.earrings)


def paint_light(canvas: Canvas, sitter: Sitter) -> None:
    """Brighten the lit side of the sitter and darken the other, warm against cool."""
    lit = np.clip(canvas.x / (sitter.width + 0.12), -1, 1) * sitter.light * canvas.figure
    for channel, gain in zip(canvas.colour, WARMTH, strict=True):
        channel *= 1 + gain * lit
