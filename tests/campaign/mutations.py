"""Spoils a model file in every part: bytes, header, model card, weights, codes. Seeded, so that a failure can be repeated."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

Tensors = dict[str, np.ndarray]
_NAMES = {"float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64", "int32": "I32", "uint16": "U16", "uint8": "U8"}
_TYPES = {name: np.dtype(kind) for kind, name in _NAMES.items()}
_TEXTS = (
    "",
    " ",
    "a" * 10_000,
    "a\nb",
    "\u202eevil",
    "<img src='file:///x'>",
    "R&B",
    "\x00",
    "../../x",
    "\ud83d\ude00" * 50,
    "é" * 300,
)
_NUMBERS = (
    0,
    1,
    -1,
    2,
    3,
    255,
    256,
    65_536,
    2**31,
    2**63,
    10**30,
    1.5,
    1e-320,
    1e30,
    1e308,
    -1e308,
    math.nan,
    math.inf,
    -math.inf,
)
_FAR = (1e5, 1e7, 1e15, 1e18, 1e30, 3e38, 1e-30, 1e-45, math.nan, math.inf, -math.inf, 0.0)


@dataclass
class Parts:
    """What a model file is made of."""

    card: Any
    tensors: Tensors


def parts_of(model: bytes) -> Parts:
    """The card and the tensors of a whole model file."""
    start = 8 + int.from_bytes(model[:8], "little")
    header = json.loads(model[8:start])
    card = json.loads(header.pop("__metadata__")["vae_explorer"])
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        flat = np.frombuffer(model[start + first : start + last], _TYPES[entry["dtype"]])
        tensors[name] = flat.reshape(entry["shape"]).copy()
    return Parts(card, tensors)


def file_of(parts: Parts, change: Callable[[dict[str, Any]], object] = lambda _: None) -> bytes:
    """A model file with the right checksum, its header changed by `change` before it is written."""
    digest, data, header = hashlib.sha256(), b"", dict[str, Any]()
    for name, array in sorted(parts.tensors.items()):
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode("utf-8", "replace") + array.tobytes())
    for name, array in sorted(parts.tensors.items(), key=lambda item: -item[1].itemsize):
        end = len(data) + array.nbytes
        header[name] = {"dtype": _NAMES[array.dtype.name], "shape": list(array.shape), "data_offsets": [len(data), end]}
        data += array.tobytes()
    card = json.dumps(parts.card)
    of_card = hashlib.sha256(card.encode("utf-8", "replace")).hexdigest()
    header["__metadata__"] = {"vae_explorer": card, "sha256": digest.hexdigest(), "card_sha256": of_card}
    change(header)
    text = json.dumps(header).encode("utf-8", "replace")
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data


def mutations(model: bytes, source: random.Random, count: int) -> Iterator[tuple[str, bytes]]:
    """`count` spoiled copies of a whole model file, each with a name that says what was done to it."""
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        what, data = kind(model, source)
        yield f"{kind.__name__.strip('_')}: {what}"[:120], data


def _bytes(model: bytes, source: random.Random) -> tuple[str, bytes]:
    """Without a look at what they mean."""
    start = 8 + int.from_bytes(model[:8], "little")
    place = source.randrange(source.choice((8, start, len(model))))
    many = source.randrange(1, 200)
    ways = {
        "cut": lambda: model[:place],
        "flipped": lambda: model[:place] + bytes([model[place] ^ 1 << source.randrange(8)]) + model[place + 1 :],
        "noise": lambda: model[:place] + source.randbytes(many) + model[place + many :],
        "inserted": lambda: model[:place] + source.randbytes(many) + model[place:],
        "removed": lambda: model[:place] + model[place + many :],
        "doubled": lambda: model + model,
        "length": lambda: source.choice((0, 1, 2**31, 2**63, 2**64 - 1, len(model))).to_bytes(8, "little") + model[8:],
    }
    way = source.choice(list(ways))
    return f"{way} at {place}", ways[way]()


def _header(model: bytes, source: random.Random) -> tuple[str, bytes]:
    """What is said of the tensors."""
    parts = parts_of(model)
    name = source.choice(list(parts.tensors))
    values: dict[str, Any] = {
        "dtype": source.choice(("F64", "F16", "BF16", "I8", "BOOL", "X9", "", 3, None)),
        "shape": source.choice(([], [0], [-1], [2**40, 2**40], [1, 2, 3], "2", None, [1.5], list(range(1, 70)))),
        "data_offsets": source.choice(([0, 0], [4, 0], [0, 2**63], [-1, 3], [], [0], "0", None, [0.5, 1])),
    }
    key = source.choice([*values, "entry", "metadata"])

    def change(header: dict[str, Any]) -> None:
        if key == "metadata":
            header["__metadata__"][source.choice(("vae_explorer", "sha256", "card_sha256", "more"))] = source.choice(
                (None, 3, "", "{}", [], {})
            )
        elif key == "entry":
            header[name] = source.choice((None, [], {}, 3, "text", {"dtype": "F32"}))
        else:
            header[name][key] = values[key]

    return f"{key} of {name}", file_of(parts, change)


def _card(model: bytes, source: random.Random) -> tuple[str, bytes]:
    """Any place of the card holds something odd, or nothing."""
    parts = parts_of(model)
    where, holder = "card", parts.card
    while True:
        key = source.choice(list(holder) if isinstance(holder, dict) else list(range(len(holder))))
        where += f".{key}"
        if not isinstance(holder[key], dict | list) or not holder[key] or source.random() < 0.3:
            break
        holder = holder[key]
    if source.random() < 0.15:
        del holder[key]
        return f"{where} is gone", file_of(parts)
    holder[key] = _odd(source)
    return f"{where} = {str(holder[key])[:60]!r}", file_of(parts)


def _odd(source: random.Random) -> Any:
    deep: Any = 0
    for _ in range(source.choice((5, 60, 400))):
        deep = [deep] if source.random() < 0.5 else {"more": deep}
    long = source.choice((40, 5_000, 100_000))
    ways = (
        lambda: source.choice(_NUMBERS),
        lambda: source.choice(_TEXTS),
        lambda: source.choice((None, True, False, [], {}, [[]], {"": None})),
        lambda: [source.choice(_NUMBERS)] * source.choice((1, 2, 3, long)),
        lambda: [source.choice(_TEXTS[:8])] * source.choice((1, 10, 256, 257)),
        lambda: {f"name {number}": number for number in range(source.choice((1, 100, long)))},
        lambda: deep,
        lambda: "x" * source.choice((1000, 1_000_000)),
    )
    return source.choice(ways)()


def _network(model: bytes, source: random.Random) -> tuple[str, bytes]:
    """The card asks for another network, perhaps a huge one."""
    parts = parts_of(model)
    changes: dict[str, Any] = {
        "hidden": source.choice(([65_536] * 2, [1] * 1000, [1] * 100_000, [2**31], [0], [], [4096] * 8, [7, 5])),
        "image_shape": source.choice(
            ([100_000, 8], [8, 100_000], [65_536, 65_536], [2**20, 1], [1, 1], [0, 0], [8], [8, 8, 3], [8, 8, 0], [8, 8, 2**20])
        ),
        "body": source.choice(("gru", "conv", "mlp", "dragon")),
        "family": source.choice(
            ("ae", "iaf-vae", "cvae", "hierarchical-vae", "recurrent-vae", "laplace-vae", "gan", "vae-gan")
        ),
        "parameters": {source.choice(("steps", "beta", "draws", "sigma", "x")): source.choice(_NUMBERS)},
        "likelihood": source.choice(("gaussian", "gaussian-learned", "continuous-bernoulli", "none")),
        "latent_dim": source.choice((0, 1, 3, 2**31)),
        "classes": source.choice((10, 1, 257, 2**31)),
    }
    chosen = source.sample(list(changes), source.choice((1, 1, 2, 3)))
    for key in chosen:
        parts.card["spec"][key] = changes[key]
    if "classes" in chosen and source.random() < 0.5:
        parts.card["classes"] = [source.choice(_TEXTS[:8])] * source.choice((1, 9, 300, 20_000))
    return str({key: str(changes[key])[:40] for key in chosen}), file_of(parts)


def _codes(model: bytes, source: random.Random) -> tuple[str, bytes]:
    """Codes far out, in one place, too few, of odd types."""
    parts = parts_of(model)
    name = source.choice(sorted(name for name in parts.tensors if name.startswith("codes/")))
    array, tensors = parts.tensors[name], parts.tensors
    way = source.choice(("one", "some", "all", "equal", "type", "none", "first", "shorter", "shape"))
    with np.errstate(all="ignore"):
        value = source.choice(_FAR) if array.dtype.kind == "f" else source.choice((0, 1, 2, 200, 255))
        if way in ("one", "some", "all"):
            share = {"one": 0.0, "some": 0.3, "all": 1.0}[way]
            chosen = np.random.default_rng(source.randrange(2**32)).random(array.shape) < share
            chosen.flat[source.randrange(chosen.size)] = True
            array[chosen] = value
        elif way == "equal":
            array[:] = array[:1]
        elif way == "type":
            tensors[name] = array.astype(source.choice(list(_TYPES.values())))
        elif way in ("none", "first"):
            for each in [each for each in tensors if each.startswith("codes/") and not each.endswith("_range")]:
                tensors[each] = tensors[each][: way == "first"]
        else:
            tensors[name] = array[: len(array) // 2] if way == "shorter" else array[None]
    return f"{way} of {name}, {value}", file_of(parts)


def _weights(model: bytes, source: random.Random) -> tuple[str, bytes]:
    """Weights beyond reason, missing, renamed, of another shape or type."""
    parts = parts_of(model)
    name = source.choice(sorted(name for name in parts.tensors if name.startswith("weights/")))
    array, way = parts.tensors[name], source.choice(("scaled", "filled", "one", "type", "shape", "gone", "renamed", "noise"))
    value = source.choice((*_FAR, 1e3, -1e4, 1e10))
    with np.errstate(all="ignore"):
        if way == "scaled":
            parts.tensors[name] = (array.astype(np.float64) * value).astype(array.dtype)
        elif way in ("filled", "one"):
            (array.reshape(-1) if way == "filled" else array.reshape(-1)[:1])[:] = value
        elif way == "noise":
            noise = np.random.default_rng(source.randrange(2**32)).normal(0, 30, array.shape)
            parts.tensors[name] = noise.astype(array.dtype)
        elif way == "type":
            parts.tensors[name] = array.astype(source.choice(list(_TYPES.values())))
        elif way == "shape":
            parts.tensors[name] = source.choice((array.T, array[None], array.reshape(-1), array[:0], np.asarray(array.flat[0])))
        else:
            moved = parts.tensors.pop(name)
            if way == "renamed":
                parts.tensors[source.choice((name + ".x", "weights/", "x", "codes/mean", "é"))] = moved
    return f"{way} of {name}, {value}", file_of(parts)


Kind = Callable[[bytes, random.Random], tuple[str, bytes]]
KINDS: tuple[Kind, ...] = (_bytes, _header, _card, _network, _codes, _weights)
