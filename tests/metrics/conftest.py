"""Lets the tests of this folder share the golden table with the scorer."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
