"""Connects a map to its session: cursor, clicks, and the messages above the map."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, Slot

from vae_explorer.foreign import short
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.map.area import MapArea
from vae_explorer.latent.paths import Point
from vae_explorer.latent.plane import FAR


class MapPresenter(QObject):
    def __init__(self, area: MapArea, session: Session) -> None:
        super().__init__(session)
        self._area, self._view, self._session = area, area.view, session
        self._connect_view()
        self._connect_messages()

    def _connect_view(self) -> None:
        view, session, activity = self._view, self._session, self._session.workspace.activity
        view.cursor_moved.connect(session.cursor.move)
        view.cursor_left.connect(session.cursor.leave)
        view.clicked.connect(self._on_clicked)
        view.double_clicked.connect(self._on_double_clicked)
        view.click_missed.connect(session.frames.forget_click)
        session.cursor.moved.connect(view.set_cursor_point)
        view.mouse_moved.connect(activity.mark_busy)
        view.getViewBox().sigRangeChangedManually.connect(activity.mark_busy)
        view.codes_set.connect(session.codes_index.set_codes)
        view.plane_changed.connect(session.codes_index.set_plane)
        view.codes_dropped.connect(self._on_codes_dropped)

    def _connect_messages(self) -> None:
        area, session = self._area, self._session
        session.problem_raised.connect(area.banner.show_message)
        session.opener.loaded.connect(area.banner.dismiss_if_shown)  # the problem belongs to an older model
        session.opener.slow_file_changed.connect(self._on_slow_file_changed)
        area.opening.dismissed.connect(session.opener.give_up)
        session.frames.decoded.connect(area.hint.dismiss_if_shown)

    @Slot(object, object)
    def _on_clicked(self, z: Point, modifiers: Qt.KeyboardModifier) -> None:
        """Place an endpoint, with Ctrl on the nearest code. With Shift, pin the nearest code."""
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._session.frames.forget_click()
            self._session.cursor.pin_nearest(z)
            return
        self._session.frames.click(z, snaps=bool(modifiers & Qt.KeyboardModifier.ControlModifier))

    @Slot(object)
    def _on_double_clicked(self, z: Point) -> None:
        self._session.frames.take_back_click()
        self._view.centre_on(z)

    @Slot(int)
    def _on_codes_dropped(self, count: int) -> None:
        text = self.tr("{:,} of {:,} codes are no numbers or lie beyond ±{}, and are not shown.")
        total = count + self._view.codes_item.count
        if count == total:
            text = self.tr(
                "All {1:,} codes are no numbers or lie beyond ±{2}: the map leaves them out, and Health cannot split the KL term."
            )
        self._session.problem_raised.emit(text.format(count, total, f"{FAR:.0e}".replace("e+0", "e")), "")

    @Slot(object)
    def _on_slow_file_changed(self, path: Path | None) -> None:
        """Name a file that takes long to open. The open model stays usable."""
        if path is None:
            self._area.opening.hide()
        else:
            self._area.opening.show_message(self.tr("Opening {}…").format(short(path.name)), copyable=False)
