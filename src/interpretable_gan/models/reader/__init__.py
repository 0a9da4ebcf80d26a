"""Readers: attributes and a target read from images, as exact sums; nothing is drawn."""
