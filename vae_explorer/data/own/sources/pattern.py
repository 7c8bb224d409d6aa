"""Files whose names follow a pattern such as `{name}_ch{c}.tif`: {c} is the channel, other fields are labels."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from pathlib import Path

from vae_explorer.data.columns import ColumnKind
from vae_explorer.data.own.found import Found, Skipped, digest_of_files
from vae_explorer.data.own.labels import natural
from vae_explorer.data.own.reading import Reading
from vae_explorer.data.own.sources.files import Files
from vae_explorer.data.own.sources.listing import listed
from vae_explorer.data.own.sources.splits import splits_of
from vae_explorer.errors import UserError

CHANNEL, NAME, SPLIT = "c", "name", "split"  # fields with a meaning of their own
_FIELD = re.compile(r"\{(\w+)\}")


def matches(path: Path) -> bool:
    return _FIELD.search(str(path)) is not None and not path.exists()


def find(path: Path, reading: Reading) -> Found:
    """Find the files that follow the pattern `path`, and join the channels of each image.

    The channels are those that most images have. Images without all of them are skipped. Raises `UserError` if no file
    follows the pattern.
    """
    root, pattern = _compiled(path)
    fields = [name for name in pattern.groupindex if name != CHANNEL]
    images: dict[tuple[str, ...], dict[str, str]] = defaultdict(dict)
    for file in listed(root).all_pictures():
        match = pattern.fullmatch(os.path.relpath(file, root))
        if match is not None:
            images[tuple(match[name] for name in fields)][match[CHANNEL] if CHANNEL in pattern.groupindex else ""] = file
    if not images:
        raise UserError(f"no picture in {root} follows the pattern {os.path.relpath(path, root)}; correct the pattern")
    channels = _channels(list(images.values()))
    whole = {values: files for values, files in images.items() if files.keys() >= set(channels)}
    planes = tuple(tuple((files[channel], 0) for channel in channels) for files in whole.values())
    found = Files(root, planes)
    labels = {name: [values[place] for values in whole] for place, name in enumerate(fields)}
    splits = splits_of(labels.get(SPLIT, ()))
    return Found(
        "pattern",
        found,
        digest_of_files([file for files in images.values() for file in files.values()]),
        {name: texts for name, texts in labels.items() if not (splits and name == SPLIT)},
        {NAME: ColumnKind.TEXT},
        splits=[splits[word] for word in labels[SPLIT]] if splits else None,
        skipped=_without_channels(images, channels, root),
        notes=(f"The channels are {', '.join(channels)}.",) if len(channels) > 1 else (),
        channels=tuple(channels) if len(channels) > 1 else (),
    )


def _compiled(path: Path) -> tuple[Path, re.Pattern[str]]:
    """Return the folder before the first field, and the pattern of paths below it."""
    depth = next(place for place, part in enumerate(path.parts) if _FIELD.search(part))
    root = Path(*path.parts[:depth])
    if not root.is_dir():
        raise UserError(f"there is no folder {root}; correct the pattern")
    seen: set[str] = set()
    pieces = []
    for place, piece in enumerate(_FIELD.split(os.path.join(*path.parts[depth:]))):
        if place % 2 == 0:
            pieces.append(re.escape(piece))
        elif piece in seen:
            pieces.append(f"(?P={piece})")
        else:
            seen.add(piece)
            pieces.append(f"(?P<{piece}>[^{re.escape(os.sep)}]+?)")
    try:
        return root, re.compile("".join(pieces))
    except re.error:
        raise UserError(f"the fields of {path} cannot be read; name them by letters, as in {{name}}_ch{{c}}.tif") from None


def _channels(images: list[dict[str, str]]) -> list[str]:
    """Return the channels that at least half of the images have, in natural order."""
    counts: dict[str, int] = defaultdict(int)
    for files in images:
        for channel in files:
            counts[channel] += 1
    usual = [channel for channel, count in counts.items() if 2 * count >= len(images)]
    return sorted(usual or counts, key=natural)


def _without_channels(images: dict[tuple[str, ...], dict[str, str]], channels: list[str], root: Path) -> tuple[Skipped, ...]:
    skipped = []
    for files in images.values():
        missing = [channel for channel in channels if channel not in files]
        other = [channel for channel in files if channel not in channels]
        name = os.path.relpath(next(iter(files.values())), root)
        if missing:
            skipped.append(Skipped(name, f"belongs to an image without channel {', '.join(missing)}"))
        skipped += [Skipped(os.path.relpath(files[each], root), f"is channel {each}, which most images lack") for each in other]
    return tuple(skipped)
