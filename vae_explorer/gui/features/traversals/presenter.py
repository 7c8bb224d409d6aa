"""Connects the traversals panel with the images, the section and the files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Slot

from vae_explorer.foreign import file_stem
from vae_explorer.gui.features.feature import Context
from vae_explorer.gui.features.section.state import SectionChoice
from vae_explorer.gui.features.traversals.panel import TraversalsPanel
from vae_explorer.gui.features.traversals.state import Traversal, Traversals
from vae_explorer.latent.section import name_of
from vae_explorer.latent.traversals import frames, traversal_values


class TraversalsPresenter(QObject):
    """Offers the panel for models of more than two latents."""

    def __init__(self, panel: TraversalsPanel, context: Context) -> None:
        super().__init__(context.session)
        self._panel, self._session, self._docks, self._shell = panel, context.session, context.docks, context.shell
        self._traversals = context.session.part(Traversals)
        self._chosen: int | None = None
        self._around: object = None  # the point whose images the panel shows
        panel.chosen.connect(self._go_to)
        panel.export_requested.connect(self._ask_where)
        self._traversals.changed.connect(self._show)
        context.session.model_changed.connect(self._offer)
        self._show(self._traversals.shown)

    @Slot()
    def _offer(self) -> None:
        self._docks.offer("traversalsDock", self._traversals.offered)

    @Slot(object)
    def _show(self, shown: Traversal | None) -> None:
        if shown is None:
            self._chosen = self._around = None
            self._panel.set_around("", "", False)
            self._panel.set_rows([], [], [], None, None)
            return
        if shown.around.centre != self._around:
            self._chosen, self._around = None, shown.around.centre
        told = (
            self.tr("Around {}").format(shown.around.name)
            if shown.around.name
            else self.tr("Around 0, as no code is inspected")
        )
        self._panel.set_around(told, self.tr("One latent moves in each row. All others stay. A click goes there."), True)
        self._show_rows(shown)

    def _show_rows(self, shown: Traversal) -> None:
        values = [f"{value:g}".replace("-", "−") for value in traversal_values()]
        names = [name_of(latent) for latent in shown.latents]
        file = self._traversals.file
        if file is None:
            return
        unit = self.tr("nats") if file.has_widths else self.tr("(variance)")
        tips = [
            self.tr("{} = {}. This latent tells {:.2f} {} of an image.").format(name, value, file.information[latent], unit)
            for latent, name in zip(shown.latents, names, strict=True)
            for value in values
        ]
        self._panel.set_rows(names, values, tips, shown.images, self._chosen)

    @Slot(int)
    def _go_to(self, index: int) -> None:
        shown = self._traversals.shown
        if shown is not None:
            self._chosen = index
            self._show_rows(shown)
            self._session.part(SectionChoice).go_to(shown.z[index])

    @Slot()
    def _ask_where(self) -> None:
        """Export the images that the person sees, even if others come while the dialog is open."""
        shown, model = self._traversals.shown, self._session.model
        if shown is None or model is None:
            return

        def export(path: Path) -> None:
            from vae_explorer.images import is_animation  # loads Pillow

            pictures = frames(shown.images, len(shown.latents), moves=is_animation(path))
            self._session.saving.export_frames(path, pictures, shown.note, self._session.channels.channels)

        self._shell.ask_where_to_export(self.tr("Export traversals"), f"{file_stem(model.name)}-traversals", export)


def present(context: Context) -> None:
    panel = context.panel(TraversalsPanel)
    TraversalsPresenter(panel, context)
    context.visibility_changed("traversals").connect(context.session.part(Traversals).set_open)
