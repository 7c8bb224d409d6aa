"""Runs the commands of the menus.

Commands import their dialogs late, which saves 20 ms of the start.
"""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QInputDialog

from vae_explorer import locations
from vae_explorer.errors import UserError
from vae_explorer.foreign import file_stem
from vae_explorer.gui.core.placing import fitting
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.dialogs import file_dialogs
from vae_explorer.gui.features.decoder.panel import DecoderPanel
from vae_explorer.gui.features.metrics.extremes import Extremes
from vae_explorer.gui.features.model.card_manifolds import CardManifolds
from vae_explorer.gui.features.training.state import TrainingState
from vae_explorer.gui.shell import Window
from vae_explorer.latent.plane import EQUAL_PROBABILITY, IDENTITY


class Commands:
    """Acts on one window. Dialogs open without blocking."""

    def __init__(self, window: Window, diagnostics: str) -> None:
        self._window, self._diagnostics = window, diagnostics

    @property
    def session(self) -> Session:
        """The session of the first map."""
        return self._window.session

    def close(self) -> None:
        self._window.frame.close()

    def reset_layout(self) -> None:
        self._window.reset_layout()

    def show_all(self) -> None:
        self._window.latent_view.show_all()

    def step_through_images(self, by: int) -> None:
        """Inspect the next image by metric, on the map where the cursor moved last."""
        self._window.under_the_cursor.session.part(Extremes).step(by)

    def ask_for_model(self) -> None:
        file_dialogs.ask_to_open(self._window.frame, self._window.open_model)

    def ask_where_to_save(self) -> None:
        model = self.session.model
        if model is not None:
            # A training run may replace the model on screen while the dialog is open.
            file_dialogs.ask_to_save(
                self._window.frame, file_stem(model.name), lambda path: self.session.save_model(path, model)
            )

    def ask_where_to_export(self) -> None:
        model = self.session.model
        if model is not None:
            title, name = self._window.frame.tr("Export path"), f"{file_stem(model.name)}-path"
            file_dialogs.ask_to_export(self._window.frame, title, name, self.session.export_path)

    def show_images_dialog(self, path: Path | None = None) -> None:
        """Show the source at `path`, or ask for a source."""
        from vae_explorer.gui.core.own_images import OwnImages
        from vae_explorer.gui.dialogs.images.dialog import ImagesDialog

        images = OwnImages(self._data_root, self.session.jobs, self._window.frame)
        dialog = ImagesDialog(images, self._window.theme, self._window.frame)
        images.setParent(dialog)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.train_requested.connect(self._train_on)
        dialog.open()
        if path is not None:
            dialog.open_source(path)

    def choose_images_to_place(self) -> None:
        """Ask for a data set, and show the codes of its images on the map of an own model."""
        model, root = self.session.model, self._data_root
        names = fitting(model, root) if model is not None else []
        if model is None or not names:
            words = self.session.tr("No data set has images of the model's shape. Data ▸ Open images… makes a data set.")
            self.session.notice_raised.emit(words)
            return
        dialog = QInputDialog(self._window.frame)
        dialog.setObjectName("placeDialog")
        dialog.setWindowTitle(self.session.tr("Show codes of a data set"))
        dialog.setLabelText(self.session.tr("Data sets whose images have the model's shape"))
        dialog.setComboBoxItems(names)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.textValueSelected.connect(lambda name: self.session.placing.place(model, name, root))
        dialog.open()

    def _train_on(self, dataset: str) -> None:
        model = self.session.model
        if model is not None and model.card.dataset == dataset and not self.session.has_images:
            self.session.images.load(dataset)
        if self.session.part(TrainingState).running:
            words = self.session.tr("The data set {} is ready. Model ▸ Train… offers it after this run.")
            self.session.notice_raised.emit(words.format(dataset))
        else:
            self.show_train_dialog(dataset)

    @property
    def _data_root(self) -> Path:
        return locations.data(self.session.workspace.data_dir)

    def show_train_dialog(self, dataset: str = "") -> None:
        """Offer a training, on the data set of own images `dataset` if it is given."""
        from vae_explorer.data.sources import find_dataset
        from vae_explorer.gui.core.listings import DataList, FamilyList
        from vae_explorer.gui.features.training.dialog import TrainDialog

        try:
            spec = find_dataset(dataset, self._data_root) if dataset else None
        except UserError as error:  # the data set was removed since
            self.session.problem_raised.emit(str(error), "")
            return
        self.session.part(TrainingState).warm_up()
        dialog = TrainDialog(self._window.frame)
        if spec is not None:
            dialog.choose_dataset(dataset, spec)
        jobs = self.session.jobs
        dialog.follow(DataList(self._data_root, jobs, dialog), FamilyList(jobs, dialog))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.train_requested.connect(self.session.part(TrainingState).start)
        dialog.open()

    def stop_training(self) -> None:
        self.session.part(TrainingState).stop()

    def show_pretrained(self) -> None:
        from vae_explorer.gui.dialogs.pretrained_dialog import PretrainedDialog

        dialog = PretrainedDialog(self.session.part(CardManifolds), self._window.theme, self._window.frame)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.chosen.connect(self._window.open_model)
        dialog.open()

    def show_guide(self) -> None:
        from vae_explorer.gui.dialogs.guide import GuideDialog

        GuideDialog(self._window.frame).open()

    def show_shortcuts(self) -> None:
        from vae_explorer.gui.dialogs.help import shortcuts_dialog

        shortcuts_dialog(self._window.actions_by_name.values(), self._window.frame).open()

    def show_about(self) -> None:
        from vae_explorer.gui.dialogs.help import about_dialog

        about_dialog(self._diagnostics, self._window.frame).open()

    def copy_image(self) -> None:
        panel = self._window.under_the_cursor.panel(DecoderPanel)
        QGuiApplication.clipboard().setImage(panel.image_view.as_shown())

    def copy_z(self) -> None:
        QGuiApplication.clipboard().setText("{:.6g} {:.6g}".format(*self._window.under_the_cursor.session.cursor.state.z))

    def toggle_plane(self) -> None:
        view = self._window.latent_view
        view.set_plane(IDENTITY if view.plane is EQUAL_PROBABILITY else EQUAL_PROBABILITY)

    def toggle_full_screen(self) -> None:
        self._window.frame.setWindowState(self._window.frame.windowState() ^ Qt.WindowState.WindowFullScreen)
