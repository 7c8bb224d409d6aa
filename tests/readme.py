"""What the README and the guide say that a test holds them to."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
GUIDE = {page.stem: page.read_text("utf-8") for page in sorted((ROOT / "resources" / "guide").glob("*.md"))}
PLUGIN = ROOT / "resources" / "guide" / "plugin"  # the package that the guide shows


def snippets(title: str, language: str = "python") -> list[str]:
    """The pieces of code below a title of the page on extending the program."""
    section = re.split(r"\n##+ ", GUIDE["extending"].partition(f"\n## {title}\n")[2])[0]
    return [textwrap.dedent(code) for code in re.findall(rf"^ *```{language}\n(.*?)^ *```", section, re.DOTALL | re.MULTILINE)]
