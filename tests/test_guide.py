"""The README is short, and every link of the README and the guide leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.readme import GUIDE, PLUGIN, README, ROOT, snippets
from vae_explorer.limits import LIMITS

PAGES = [ROOT / "README.md", *sorted((ROOT / "resources" / "guide").glob("*.md"))]


def test_that_the_readme_has_at_most_200_lines() -> None:
    assert README.count("\n") <= 200


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_that_every_link_of_a_page_leads_to_a_file(page: Path) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (page.parent / link).is_file()] == []


def test_that_the_readme_leads_to_every_page_of_the_guide() -> None:
    assert [page.name for page in PAGES[1:] if f"(resources/guide/{page.name})" not in README] == []


def test_that_each_page_of_the_guide_has_the_title_that_the_readme_gives_it() -> None:
    titles = {
        stem: title for title, stem in re.findall(r"^\| \[([^]]+)\]\(resources/guide/([a-z-]+)\.md\)", README, re.MULTILINE)
    }
    assert titles == {stem: page.partition("\n")[0].removeprefix("# ") for stem, page in GUIDE.items()}


def test_that_the_guide_shows_the_limits_as_they_are() -> None:
    page = (ROOT / "resources" / "guide" / "robustness.md").read_text("utf-8")
    rows = [f"| {limit.what} | {limit.most:,} {limit.unit}".strip() + f" | {limit.real} |" for limit in LIMITS.values()]
    section = page.partition("## Limits of a model file")[2].partition("\n## ")[0]
    assert section.count("\n| ") == len(rows) + 1
    assert [row for row in rows if row not in page] == []


def test_that_the_guide_shows_every_file_of_its_package() -> None:
    title = "A package of your own"
    shown = ["", *snippets(title, "toml"), *snippets(title), *snippets("A panel or an overlay of your own")]
    shown = [sorted(code.replace("vae_explorer.gui.features.middle", "my_toy.middle").splitlines()) for code in shown]
    files = [path for path in PLUGIN.rglob("*") if path.suffix in {".py", ".toml"}]  # imports may have another order
    assert [path.name for path in files if sorted(path.read_text("utf-8").splitlines()) not in shown] == []
