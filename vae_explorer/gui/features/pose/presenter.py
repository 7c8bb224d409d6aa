"""Connects the dial and the handle with the pose of decoding."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from vae_explorer.gui.core.session import Session
from vae_explorer.gui.features.decoder.panel import DecoderPanel
from vae_explorer.gui.features.feature import Context, Docks
from vae_explorer.gui.features.pose.handle import PoseHandle
from vae_explorer.gui.features.pose.panel import PosePanel


class PosePresenter(QObject):
    """Offers panel and handle for models of a family with a pose."""

    def __init__(self, panel: PosePanel, handle: PoseHandle, session: Session, docks: Docks) -> None:
        super().__init__(session)
        self._panel, self._handle, self._docks, self._options = panel, handle, docks, session.options
        for moved, chosen in ((panel.dragged, panel.chosen), (handle.dragged, handle.released)):
            moved.connect(self._options.drag_pose)
            chosen.connect(self._options.set_pose)
        self._options.changed.connect(self._show)
        self._options.pose_moved.connect(self._show)
        session.model_changed.connect(self._on_model_changed)
        self._on_model_changed()

    @Slot()
    def _on_model_changed(self) -> None:
        self._handle.setVisible(self._options.is_posed)
        self._docks.offer("poseDock", self._options.is_posed)
        self._show()

    @Slot()
    def _show(self) -> None:
        self._panel.set_pose(self._options.pose)
        self._handle.set_pose(self._options.pose)


def present(context: Context) -> None:
    handle = PoseHandle(context.panel(DecoderPanel).image_view)
    PosePresenter(context.panel(PosePanel), handle, context.session, context.docks)
