"""The code under inspection, its image and its reconstruction. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.codes import Codes
from vae_explorer.data.base import Dataset
from vae_explorer.foreign import short
from vae_explorer.gui.core.decode_thread import INSPECT, DecodeAnswer
from vae_explorer.gui.core.decoder import DecoderPort
from vae_explorer.gui.core.model_thread import Answer
from vae_explorer.gui.core.options import DecodeOptions
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.latent.section import Section, whole_plane

_CLASS = 24  # characters of a class in a title


@dataclass(frozen=True, slots=True)
class InspectedCode:
    """One code and its images. An image is None until it has been read or decoded."""

    index: int
    name: str  # such as 'test #17'
    label: str  # its class; empty without classes
    class_number: int
    mean: tuple[float, float]
    std: tuple[float, float]
    pinned: bool
    original: NDArray[np.uint8] | None  # (H, W, C)
    reconstruction: NDArray[np.uint8] | None  # (H, W, C)
    hovered: bool = True  # otherwise the code is pinned, or was hovered last
    place: int = 0  # index among the images of its split
    split_images: NDArray[np.uint8] | None = None  # (n, H, W, C), all images of the split

    @property
    def title(self) -> str:
        """The class, if there are classes, and the name. A long class is cut, so that the name fits."""
        return " · ".join(filter(None, (short(self.label, _CLASS), self.name)))


@dataclass(frozen=True)
class KeptInspection(Kept):
    """The pinned code. Its index is valid for equal numbers of codes and equal classes."""

    pinned: int | None
    codes: int  # number of codes
    classes: tuple[str, ...]


class Inspection(QObject):
    """Inspects the hovered code, else the pinned code, else the code hovered last."""

    kept_as = "inspector"
    changed = Signal(object)  # InspectedCode | None
    code_pinned = Signal()

    def __init__(self, options: DecodeOptions, decoder: DecoderPort, parent: QObject) -> None:
        super().__init__(parent)
        self._options, self._decoder = options, decoder
        decoder.answered.connect(self._on_answered)
        self._codes = Codes.empty()
        self._section = whole_plane(2)
        self._classes: tuple[str, ...] = ()
        self._originals: Dataset | None = None
        self._pinned: int | None = None
        self._current: InspectedCode | None = None

    @property
    def current(self) -> InspectedCode | None:
        return self._current

    @property
    def pinned(self) -> int | None:
        return self._pinned

    @property
    def held(self) -> InspectedCode | None:
        """The pinned code, even while another is hovered. Without it, the current code."""
        if self._pinned is None or (self._current is not None and self._current.index == self._pinned):
            return self._current
        return self._described(self._pinned, None)

    def holds(self, codes: Codes, section: Section) -> bool:
        return self._codes is codes and self._section is section

    def set_codes(self, codes: Codes, classes: tuple[str, ...], same_data: bool, section: Section | None = None) -> None:
        """Inspect the codes (n, d) of another model, or on another section. With `same_data`, keep the current index.

        Codes without a `section` lie on the whole plane.
        """
        self._codes, self._classes = codes, classes
        self._section = section or whole_plane(codes.mean.shape[1])
        before = self._current
        if not same_data or (self._pinned is not None and self._pinned >= len(codes)):
            self._pinned, self._originals, before = None, None, None
        self._current = None
        self._show(before.index if before is not None and before.index < len(codes) else None, before)

    def set_originals(self, dataset: Dataset | None) -> None:
        self._originals = dataset
        if self._current is not None:
            original, images = self.image_of(self._current.index)
            self._set(replace(self._current, original=original, split_images=images))
            self.ask_again()

    def hover(self, index: int | None) -> None:
        """Inspect code `index`, or note that the cursor is on no code."""
        if index is not None:
            self._show(index)
        elif self._pinned is not None:
            self._show(self._pinned)
        elif self._current is not None and self._current.hovered:
            self._set(replace(self._current, hovered=False))

    def pin(self, index: int | None) -> None:
        """Pin a code, or unpin it if it is pinned."""
        self._hold(None if index == self._pinned else index, index)

    def hold(self, index: int) -> None:
        self._hold(index, index)

    def kept(self) -> KeptInspection:
        return KeptInspection(self._pinned, len(self._codes), self._classes)

    def take_back(self, kept: Kept) -> None:
        """Pin the code that was pinned, or none. Ignores a record of other data."""
        assert isinstance(kept, KeptInspection)
        if (kept.codes, kept.classes) != (len(self._codes), self._classes) or kept.pinned == self._pinned:
            return
        index = kept.pinned if kept.pinned is not None or self._current is None else self._current.index
        before, self._pinned, self._current = self._current, kept.pinned, None
        self._show(index, before)

    def _hold(self, pinned: int | None, index: int | None) -> None:
        self._pinned = pinned
        before, self._current = self._current, None
        self._show(index, before)
        if self._pinned is not None:
            self.code_pinned.emit()

    @Slot(object)
    def _on_answered(self, answer: Answer) -> None:
        if self._current is not None and isinstance(answer, DecodeAnswer) and answer.key == INSPECT:
            self._set(replace(self._current, reconstruction=answer.images[0]))

    def _show(self, index: int | None, before: InspectedCode | None = None) -> None:
        """Inspect a code. Keep the old reconstruction until the decoder answers: no flicker."""
        if index is None:
            if self._current is None:
                self.changed.emit(None)
            return
        if self._current is not None and self._current.index == index:
            if not self._current.hovered:
                self._set(replace(self._current, hovered=True))
            return
        before = before or self._current
        self._set(self._described(index, before.reconstruction if before is not None else None))
        self.ask_again()

    def ask_again(self) -> None:
        if self._current is not None:
            z = self._codes.mean[self._current.index][None]
            own_class = self._options.condition(1, self._current.class_number)
            self._decoder.ask(self._options.request(INSPECT, z, own_class, self._current.original))

    def _described(self, index: int, reconstruction: NDArray[np.uint8] | None) -> InspectedCode:
        codes = self._codes
        original, images = self.image_of(index)
        place = codes.place_in_split(index)[1]
        (mean,), (std,) = self._section.project(codes.mean[[index]]), self._section.spread(codes.std[[index]])
        return InspectedCode(
            index=index,
            name=self.name_of(index),
            label=self._classes[int(codes.label[index])] if self._classes else "",
            class_number=int(codes.label[index]),
            mean=(float(mean[0]), float(mean[1])),
            std=(float(std[0]), float(std[1])),
            pinned=index == self._pinned,
            original=original,
            reconstruction=reconstruction,
            place=place,
            split_images=images,
        )

    def name_of(self, index: int) -> str:
        split, place = self._codes.place_in_split(index)
        return f"{split.title} #{place}"

    @property
    def examples(self) -> NDArray[np.uint8] | None:
        """Images (n, H, W, C) of the inspected code's split, else test images, else None."""
        if self._current is not None and self._current.split_images is not None:
            return self._current.split_images
        return self._originals.test.images if self._originals is not None else None

    def image_of(self, index: int) -> tuple[NDArray[np.uint8] | None, NDArray[np.uint8] | None]:
        if self._originals is None:
            return None, None
        split, place = self._codes.place_in_split(index)
        images = self._originals.split(split).images
        return (images[place], images) if place < len(images) else (None, None)

    def _set(self, code: InspectedCode) -> None:
        self._current = code
        self.changed.emit(code)
