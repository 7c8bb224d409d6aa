from __future__ import annotations

import gzip
import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from torchvision.datasets import MNIST, FashionMNIST

from vae_explorer.data.base import Cancelled, DataMissing, Dataset, Fetching
from vae_explorer.data.idx_sets import PUBLICATIONS
from vae_explorer.data.sources import load_dataset
from vae_explorer.errors import UserError


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return tmp_path / "root" / "MNIST" / "raw"


def load(raw: Path, download: bool = True) -> Dataset:
    return load_dataset("mnist", Fetching(raw.parent.parent, download))


def unzipped(name: str, archives: dict[str, bytes]) -> bytes:
    return gzip.decompress(archives[name + ".gz"])


def test_that_a_missing_set_is_fetched_unpacked_and_read(tiny_mnist: Any, archives: dict[str, bytes], raw: Path) -> None:
    dataset = load(raw)
    assert sorted(os.listdir(raw)) == sorted([*archives, *(name.removesuffix(".gz") for name in archives)])
    for part, images in (("train", dataset.train), ("t10k", dataset.test)):
        assert images.images.tobytes() == unzipped(f"{part}-images-idx3-ubyte", archives)[16:]
        assert images.labels.tobytes() == unzipped(f"{part}-labels-idx1-ubyte", archives)[8:]
        assert images.images.shape == (len(images), 28, 28, 1)


def test_that_what_is_there_is_not_fetched_again(tiny_mnist: Any, raw: Path) -> None:
    first = load(raw)
    tiny_mnist.asked.clear()
    assert np.array_equal(load(raw).train.images, first.train.images)
    assert not tiny_mnist.asked


def test_that_archives_that_are_there_are_unpacked_without_a_network(
    tiny_mnist: Any, archives: dict[str, bytes], raw: Path
) -> None:
    raw.mkdir(parents=True)
    for name, data in archives.items():
        (raw / name).write_bytes(data)
    assert len(load(raw, download=False).train) == 20
    assert not tiny_mnist.asked


def test_that_missing_images_are_not_fetched_unasked(tiny_mnist: Any, raw: Path) -> None:
    with pytest.raises(DataMissing, match=r"does not hold train-images-idx3-ubyte\.gz"):
        load(raw, download=False)
    assert not tiny_mnist.asked
    assert not raw.exists()


def test_that_the_next_mirror_is_asked_after_a_wrong_checksum(
    tiny_mnist: Any, archives: dict[str, bytes], raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny_mnist.files |= {f"/bad/{name}": b"something else" for name in archives}
    mirrors = (f"{tiny_mnist.address}/bad/", f"{tiny_mnist.address}/good/")
    monkeypatch.setitem(PUBLICATIONS, "MNIST", replace(PUBLICATIONS["MNIST"], mirrors=mirrors))
    assert len(load(raw).test) == 7
    assert tiny_mnist.asked[:2] == ["/bad/train-images-idx3-ubyte.gz", "/good/train-images-idx3-ubyte.gz"]


def test_that_a_cancelled_fetch_leaves_only_whole_files(tiny_mnist: Any, archives: dict[str, bytes], raw: Path) -> None:
    seen: list[str] = []
    fetching = Fetching(
        raw.parent.parent, progress=lambda name, *_: seen.append(name), should_stop=lambda: "train-labels-idx1-ubyte.gz" in seen
    )
    with pytest.raises(Cancelled):
        load_dataset("mnist", fetching)
    for name in os.listdir(raw):
        assert (raw / name).read_bytes() == archives.get(name, unzipped(name.removesuffix(".gz"), archives))


def test_that_a_damaged_archive_is_named(tiny_mnist: Any, raw: Path) -> None:
    raw.mkdir(parents=True)
    bad = raw / "train-images-idx3-ubyte.gz"
    bad.write_bytes(b"\x1f\x8b and then nonsense")
    with pytest.raises(UserError) as caught:
        load(raw)
    assert str(caught.value) == f"{bad} is damaged (its size or SHA-256 differs); delete it and start again"
    assert os.listdir(raw) == [bad.name]


@pytest.mark.parametrize("name", ["train-images-idx3-ubyte", "t10k-labels-idx1-ubyte"])
@pytest.mark.parametrize("cut", [1, 3, 4, 7, 12, -1], ids=str)
def test_that_a_cut_unpacked_file_is_named(tiny_mnist: Any, raw: Path, name: str, cut: int) -> None:
    load(raw)
    (raw / name).write_bytes((raw / name).read_bytes()[:cut])
    assert refusal(raw).startswith(f"{raw / name} is damaged")


NONSENSE = {
    "empty": b"",
    "ones": b"\xff" * 100,
    "zeros": b"\0" * 100,
    "text": b"text, not images",
    "no dimension": b"\0\0\x08\0",
    "far too many images": b"\0\0\x08\x03" + b"\xff" * 12,
}


@pytest.mark.parametrize("data", NONSENSE.values(), ids=NONSENSE.keys())
def test_that_a_nonsensical_unpacked_file_is_named(tiny_mnist: Any, raw: Path, data: bytes) -> None:
    load(raw)
    (raw / "train-images-idx3-ubyte").write_bytes(data)
    assert refusal(raw).startswith(f"{raw / 'train-images-idx3-ubyte'} is damaged")


def test_that_a_damaged_file_is_unpacked_again_once_it_is_deleted(tiny_mnist: Any, raw: Path) -> None:
    whole = load(raw)
    (raw / "t10k-images-idx3-ubyte").write_bytes(b"")
    refusal(raw)
    (raw / "t10k-images-idx3-ubyte").unlink()
    assert np.array_equal(load(raw, download=False).test.images, whole.test.images)


@pytest.mark.parametrize("other", ["t10k-labels-idx1-ubyte", "train-images-idx3-ubyte"])
def test_that_files_that_do_not_belong_together_are_refused(tiny_mnist: Any, raw: Path, other: str) -> None:
    load(raw)
    (raw / "train-labels-idx1-ubyte").write_bytes((raw / other).read_bytes())
    assert refusal(raw).startswith(f"the files in {raw} are damaged (")


def refusal(raw: Path) -> str:
    with pytest.raises(UserError) as caught:
        load(raw)
    message = str(caught.value)
    assert "start again" in message
    assert "\n" not in message
    assert "()" not in message
    return message


def test_that_a_data_folder_that_cannot_be_made_is_named(tiny_mnist: Any, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"cannot create the data folder .*file.*; choose another folder with --data-dir"):
        load_dataset("mnist", Fetching(tmp_path / "file"))


def test_that_fashion_mnist_has_a_folder_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(DataMissing, match=r"FashionMNIST.raw does not hold train-images-idx3-ubyte\.gz"):
        load_dataset("fashion-mnist", Fetching(tmp_path, download=False))


@pytest.mark.parametrize("published", [MNIST, FashionMNIST], ids=lambda kind: kind.__name__)
def test_that_the_archives_are_named_as_torchvision_names_them(published: Any) -> None:
    ours = PUBLICATIONS[published.__name__]
    assert [archive.name for archive in ours.archives] == [name for name, _ in published.resources]
    assert all(len(bytes.fromhex(archive.sha256)) == 32 for archive in ours.archives)
    assert len({archive.sha256 for archive in ours.archives}) == 4


def test_that_every_mirror_is_asked_with_tls_alone() -> None:
    mirrors = [mirror for found in PUBLICATIONS.values() for mirror in found.mirrors]
    assert all(mirror.startswith("https://") and mirror.endswith("/") for mirror in mirrors)
    assert all(len(found.mirrors) > 1 for found in PUBLICATIONS.values())


@pytest.mark.real_data
@pytest.mark.parametrize("published", [MNIST, FashionMNIST], ids=lambda kind: kind.__name__)
def test_that_size_and_sha256_belong_to_the_archives_that_torchvision_knows(published: Any) -> None:
    raw = Path(os.environ["VAE_EXPLORER_DATA"]) / published.__name__ / "raw"
    if not raw.is_dir():
        pytest.skip(f"{raw} is not there")
    for archive, (name, md5) in zip(PUBLICATIONS[published.__name__].archives, published.resources, strict=True):
        data = (raw / name).read_bytes()
        assert hashlib.md5(data, usedforsecurity=False).hexdigest() == md5
        assert (len(data), hashlib.sha256(data).hexdigest()) == (archive.size, archive.sha256)
