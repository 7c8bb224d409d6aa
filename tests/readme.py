"""What the README says that a test holds it to."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def snippets(title: str) -> list[str]:
    """The pieces of Python below a title."""
    section = re.split(r"\n##+ ", README.partition(f"\n### {title}\n")[2])[0]
    return [textwrap.dedent(code) for code in re.findall(r"^ *```python\n(.*?)^ *```", section, re.DOTALL | re.MULTILINE)]
