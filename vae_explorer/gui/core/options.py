"""The class, the switches and the pose for decoding. GUI thread only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.gui.core.decode_thread import DecodeRequest
from vae_explorer.gui.kit.kept import Kept
from vae_explorer.models.card import ModelCard
from vae_explorer.models.families import family_named
from vae_explorer.poses import UPRIGHT, Pose


@dataclass(frozen=True)
class KeptOptions(Kept):
    label: int
    switches: tuple[str, ...]
    pose: tuple[float, float, float] = (0.0, 0.0, 0.0)  # angle, right, down


class DecodeOptions(QObject):
    kept_as = "options"
    changed = Signal()  # decode everything again
    pose_moved = Signal()  # a person drags the pose: decode the point under the cursor again

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._classes = 0
        self._label = 0
        self._family = ""
        self._switches: frozenset[str] = frozenset()
        self._pose = UPRIGHT
        self._is_dragged = False

    @property
    def pose(self) -> Pose:
        """The pose in which a family with a pose decodes; angle and shift are 0 for other families."""
        return self._pose

    @property
    def is_posed(self) -> bool:
        """Whether the model's family has a pose."""
        return bool(self._family) and family_named(self._family).posed

    @property
    def classes(self) -> int:
        """The number of classes of a conditional model, else 0."""
        return self._classes

    @property
    def label(self) -> int:
        return self._label

    @property
    def switches(self) -> frozenset[str]:
        return self._switches

    def set_model(self, card: ModelCard) -> None:
        self._classes, self._family = card.spec.classes, card.spec.family
        self._label = self._label if self._label < self._classes else 0
        self._switches &= {switch.name for switch in family_named(self._family).switches}
        self._pose, self._is_dragged = self._pose if self.is_posed else UPRIGHT, False

    def kept(self) -> KeptOptions:
        return KeptOptions(self._label, tuple(sorted(self._switches)), (self._pose.angle, self._pose.right, self._pose.down))

    def take_back(self, kept: Kept) -> None:
        assert isinstance(kept, KeptOptions)
        self.set_label(kept.label)
        for switch in family_named(self._family).switches if self._family else ():
            self.set_switch(switch.name, switch.name in kept.switches)
        self.set_pose(Pose(*kept.pose))

    @Slot(int)
    def set_label(self, label: int) -> None:
        if label != self._label and 0 <= label < self._classes:
            self._label = label
            self.changed.emit()

    @Slot(str, bool)
    def set_switch(self, name: str, on: bool) -> None:
        if on != (name in self._switches):
            self._switches ^= {name}
            self.changed.emit()

    def drag_pose(self, pose: Pose) -> None:
        """Decode the point under the cursor in another pose; `set_pose` decodes the rest."""
        if self.is_posed and pose != self._pose:
            self._pose, self._is_dragged = pose, True
            self.pose_moved.emit()

    def set_pose(self, pose: Pose) -> None:
        if self.is_posed and (self._is_dragged or pose != self._pose):
            self._pose, self._is_dragged = pose, False
            self.changed.emit()

    def request(
        self,
        key: str,
        z: NDArray[np.float32],
        condition: NDArray[np.float32] | None = None,
        image: NDArray[np.uint8] | None = None,
    ) -> DecodeRequest:
        """Return a request for the images at z (n, 2), of the chosen class if `condition` is None.

        With an `image` (H, W, C), whose code is z (1, 2), the request is for its reconstruction, in the pose of the image.
        """
        weights = self.condition(len(z)) if condition is None else condition
        pose = self._pose if self.is_posed else None
        return DecodeRequest(key, z, condition=weights, switches=self._switches, image=image, pose=pose)

    def condition(self, n: int, label: int | None = None) -> NDArray[np.float32] | None:
        """Return class weights (n, C) of n points, for the chosen class or for `label`."""
        if not self._classes:
            return None
        weights = np.zeros((n, self._classes), np.float32)
        weights[:, self._label if label is None else label] = 1.0
        return weights
