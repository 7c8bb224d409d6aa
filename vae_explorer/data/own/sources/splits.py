"""The words by which folders, columns and arrays name their split."""

from __future__ import annotations

from collections.abc import Iterable

from vae_explorer.codes import Split

_VALIDATION = ("val", "valid", "validation", "dev")
_WORDS = {
    **dict.fromkeys(("train", "training", *_VALIDATION), Split.TRAIN),
    **dict.fromkeys(("test", "testing"), Split.TEST),
}


def splits_of(words: Iterable[str]) -> dict[str, Split]:
    """Return the split of each of `words`, {} unless all of them name splits, and both splits.

    Validation images are training images, or the test images where there are no others.
    """
    found = {word: _WORDS.get(word.strip().casefold()) for word in words}
    splits = {word: split for word, split in found.items() if split is not None}
    if len(splits) < len(found):
        return {}
    if Split.TEST not in splits.values():
        splits |= {word: Split.TEST for word in splits if word.strip().casefold() in _VALIDATION}
    return splits if set(splits.values()) == set(Split) else {}
