"""The part of the draw feature reads image files in jobs. GUI thread only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from vae_explorer.errors import UserError
from vae_explorer.gui.core.job_thread import Report, ShouldStop
from vae_explorer.gui.core.jobs import Jobs
from vae_explorer.gui.core.part import SessionPart
from vae_explorer.shapes import ImageShape

if TYPE_CHECKING:
    from vae_explorer.image_reading import OwnImage

_PICTURE = "picture"


class PictureReader(SessionPart):
    was_read = Signal(object, object)  # Path, OwnImage
    notice_raised = Signal(str)

    def __init__(self, jobs: Jobs, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs = jobs

    def read(self, path: Path, shape: ImageShape) -> None:
        """Read a file as an image of `shape` (H, W, C). `was_read` gives the image."""

        def task(report: Report, should_stop: ShouldStop) -> tuple[Path, OwnImage]:
            from vae_explorer.image_reading import read_image

            image = read_image(path, shape)
            if not image.pixels.any():
                raise UserError(f"{path} is all black after scaling to {shape[1]}×{shape[0]}. Choose another image.")
            return path, image

        self._jobs.run(_PICTURE, task).done.connect(self._on_read)

    @Slot(object)
    def _on_read(self, found: tuple[Path, OwnImage]) -> None:
        self.was_read.emit(*found)
        if found[1].notes:
            self.notice_raised.emit(" ".join(found[1].notes))
