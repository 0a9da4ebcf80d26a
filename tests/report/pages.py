"""A page as a reader takes it in, and the worst names we could think of."""

import base64
from html.parser import HTMLParser
from io import BytesIO

import numpy as np
from PIL import Image

SCRIPT = "<script>alert(1)</script>"
IMAGE = '"><img onerror>'
LINK = '"><img src="http://example.com/x.png" onerror="alert(2)">'
"""A description; names may not hold an equals sign."""

FORMULA = "$\\frac{$"
"""Not HTML, but charts read formulas between dollar signs."""

VOID = {"meta", "link", "img", "wbr"}


class Page(HTMLParser):
    """Elements and visible text of a page; complains where tags do not nest."""

    def __init__(self, html):
        super().__init__()
        self.elements, self.text, self._open = [], "", []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        if not {"style", "title"} & set(self._open):
            self.text += data

    def all(self, tag):
        """Attributes of every element of a kind, in order."""
        return [attributes for each, attributes in self.elements if each == tag]


def decoded(src):
    """The pixels that a browser shows of a data URI."""
    return np.array(Image.open(BytesIO(base64.b64decode(src.partition(",")[2]))))
