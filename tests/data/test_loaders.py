"""A loader that fails is named as the loader of its data set, with what it raised and where."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from vae_explorer.cli import main
from vae_explorer.data.base import Cancelled, DatasetSpec, Fetching
from vae_explorer.data.sources import DATASETS, load_dataset
from vae_explorer.errors import UserError

MakeLoader = Callable[..., str]


@pytest.fixture
def make_loader(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_tables: None) -> MakeLoader:
    """Registers data set 'letters' with a loader of these lines, from line 2 of letters.py on."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(body: str, target: str = "letters:load", classes: tuple[str, ...] = ("A", "B"), size: int = 6000) -> str:
        (tmp_path / "letters.py").write_text(f"def load(fetching):\n    {body}\n", "utf-8")
        monkeypatch.delitem(sys.modules, "letters", raising=False)
        DATASETS.register("letters", DatasetSpec("Letters", target, (8, 8), classes, (size, size), "a file of mine"))
        return "letters"

    return make


def refusal(name: str, root: Path) -> str:
    with pytest.raises(UserError) as caught:
        load_dataset(name, Fetching(root))
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("open(fetching.root / 'letters.npz')", "there is no {}/letters.npz; put the file there"),
        ("import numpy; numpy.load(fetching.root / 'letters.npz')", "there is no {}/letters.npz; put the file there"),
        ("import hdf5_of_nobody", "the module hdf5_of_nobody is not installed; install the module"),
        ("from numpy import nonsense", "ImportError: cannot import name 'nonsense'"),
        ("{}['images']", "KeyError: 'images'"),
        ("int('many')", "ValueError: invalid literal for int() with base 10: 'many'"),
        ("open(fetching.root)", "IsADirectoryError: [Errno 21] Is a directory"),
        ("raise BrokenPipeError", "BrokenPipeError: "),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("raise RuntimeError('one line\\nand another')", "RuntimeError: one line and another"),
    ],
)
def test_that_what_a_loader_raises_names_the_data_set_and_the_line(
    body: str, message: str, make_loader: MakeLoader, tmp_path: Path
) -> None:
    assert refusal(make_loader(body), tmp_path).startswith(
        "the loader of letters failed (letters.py, line 2): " + message.replace("{}", str(tmp_path))
    )


def test_that_a_loader_that_cannot_be_imported_is_named(make_loader: MakeLoader, tmp_path: Path) -> None:
    assert refusal(make_loader("pass )"), tmp_path).startswith("the loader of letters failed: SyntaxError: ")
    DATASETS.remove("letters")
    assert "failed: the module characters is not installed" in refusal(make_loader("pass", "characters:load"), tmp_path)
    DATASETS.remove("letters")
    assert "failed: AttributeError: module 'letters' has no attribute 'fetch'" in refusal(
        make_loader("pass", "letters:fetch"), tmp_path
    )


@pytest.mark.parametrize(
    "body", ["pass", "return [1], [2]", "from vae_explorer.data.base import Dataset; return Dataset([1], [2])"]
)
def test_that_a_loader_that_returns_no_data_set_is_named(body: str, make_loader: MakeLoader, tmp_path: Path) -> None:
    assert "the loader of letters, letters:load, returns no Dataset of two ImageSets" in refusal(make_loader(body), tmp_path)


def test_that_a_line_in_the_table_with_odd_classes_is_refused(make_loader: MakeLoader, tmp_path: Path) -> None:
    assert "letters has a class name that is no word" in refusal(make_loader("pass", classes=("A", "")), tmp_path)
    DATASETS.remove("letters")
    assert "Name at most 32,768" in refusal(make_loader("pass", classes=("A",) * 32_769), tmp_path)


def test_that_a_loaders_own_words_and_a_stop_are_left_alone(make_loader: MakeLoader, tmp_path: Path) -> None:
    name = make_loader("from vae_explorer.data.base import Cancelled; raise Cancelled('stopped')")
    with pytest.raises(Cancelled, match=r"^stopped$"):
        load_dataset(name, Fetching(tmp_path))


@pytest.mark.parametrize("command", [["train", "--epochs", "1", "--dataset"], ["evaluate", "digits-vae", "--dataset"]])
def test_that_the_command_line_says_so_in_one_line(
    command: list[str],
    make_loader: MakeLoader,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    words = [*command, make_loader("open(fetching.root / 'letters.npz')"), "--data-dir", str(tmp_path)]
    assert main(words) == 2
    assert capsys.readouterr().err.splitlines()[-1] == (
        f"vae-explorer: the loader of letters failed (letters.py, line 2): there is no {tmp_path}/letters.npz; put the file there"
    )


def test_that_a_run_of_few_images_takes_them_all_at_once_and_says_so(
    make_loader: MakeLoader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = make_loader(
        "import numpy; from vae_explorer.data.base import Dataset, ImageSet; part = ImageSet(numpy.full((40, 8, 8), 9, 'u1'), "
        "numpy.zeros(40, int)); return Dataset(part, part)",
        size=40,
    )
    words = ["train", "--dataset", name, "--epochs", "1", "--hidden", "4", "--json", "--out", str(tmp_path / "m.safetensors")]
    assert main(words) == 0
    assert capsys.readouterr().err == "letters has 40 training images; the batch size is 40\n"
    assert main([*words, "--batch-size", "40"]) == 0
    assert capsys.readouterr().err == ""
    assert main([*words, "--batch-size", "41"]) == 2
    assert "batch size 41 is more than the 40 training images of letters; choose at most 40" in capsys.readouterr().err
