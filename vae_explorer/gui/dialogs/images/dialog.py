"""The dialog Data ▸ Open images…: shows a source as it will be, and reads it into a data set."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QResizeEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from vae_explorer.data.own.adding import Added
from vae_explorer.data.own.found import Skipped
from vae_explorer.data.own.prepare import write_skipped
from vae_explorer.data.own.preview import SHOWN, Preview
from vae_explorer.data.own.reading import Reading
from vae_explorer.errors import UserError
from vae_explorer.gui.core.own_images import OwnImages
from vae_explorer.gui.dialogs import file_dialogs
from vae_explorer.gui.dialogs.images.fields import ReadingFields, Size
from vae_explorer.gui.dialogs.images.skipped import SkippedList
from vae_explorer.gui.kit.image_grid import ImageGrid
from vae_explorer.gui.kit.on_screen import ScrolledForm, fit
from vae_explorer.gui.kit.theme import Theme
from vae_explorer.gui.kit.widgets import ElidedLabel, label
from vae_explorer.gui.runtime.guarded import Guarded

_SIZE = QSize(900, 600)
_FIELDS_WIDTH, _SIDES = 300, (24, 96)  # pixels
_GRID_HEIGHT = 330


class ImagesDialog(Guarded, QDialog):
    """Chooses a source, shows its first images, reads it, and asks for a training."""

    train_requested = Signal(str)  # name of the data set

    def __init__(self, images: OwnImages, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("imagesDialog")
        self.setWindowTitle(self.tr("Open images"))
        self.setAcceptDrops(True)
        self._images = images
        self._path: Path | None = None
        self._reading = Reading()  # of the preview
        self._added: Added | None = None
        self._make_widgets(theme)
        self._lay_out()
        self._connect()
        fit(self, _SIZE)
        self._show_source()

    def open_source(self, path: Path) -> None:
        """Show the source at `path`: a folder, a table, or a file of arrays."""
        self._path = path
        self._fields.forget_source()
        self._look()

    def _make_widgets(self, theme: Theme) -> None:
        self._source = ElidedLabel("", "imagesSource")
        self._folder, self._file = QPushButton(self.tr("Folder…")), QPushButton(self.tr("File…"))
        self._folder.setObjectName("imagesFolder")
        self._file.setObjectName("imagesFile")
        self._fields = ReadingFields()
        self._summary = label("muted", name="imagesSummary")
        self._grid = ImageGrid("imagesPreview", self.tr("The first images as the program will read them"), _SIDES)
        self._grid.set_theme(theme)
        self._notes, self._problem = label("muted", name="imagesNotes"), label("error", name="imagesProblem")
        self._skipped = SkippedList()
        self._bar, self._left = QProgressBar(), label("muted", name="imagesLeft")
        self._bar.setObjectName("imagesProgress")
        self._bar.setTextVisible(False)
        for words in (self._summary, self._notes, self._problem):
            words.setWordWrap(True)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._read = self._buttons.addButton(self.tr("Read and train…"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._read.setObjectName("imagesRead")
        self._read.setProperty("role", "primary")
        self._cancel = self._buttons.button(QDialogButtonBox.StandardButton.Cancel)
        self._cancel.setObjectName("imagesCancel")
        self._cancel.setIcon(QIcon())

    def _lay_out(self) -> None:
        places = QHBoxLayout()
        places.addWidget(self._folder)
        places.addWidget(self._file)
        left = QVBoxLayout()
        left.addWidget(self._source)
        left.addLayout(places)
        left.addSpacing(8)
        left.addWidget(self._fields)
        left.addStretch(1)
        fields = ScrolledForm(left)
        fields.setFixedWidth(_FIELDS_WIDTH)
        right = QVBoxLayout()
        right.addWidget(self._summary)
        right.addWidget(self._grid, 1)
        right.addWidget(self._notes)
        right.addWidget(self._skipped)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addWidget(fields)
        both.addWidget(ScrolledForm(right), 1)
        progress = QHBoxLayout()
        progress.addWidget(self._bar, 1)
        progress.addWidget(self._left)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 20, 24, 16)
        layout.addLayout(both, 1)
        layout.addWidget(self._problem)
        layout.addLayout(progress)
        layout.addWidget(self._buttons)

    def _connect(self) -> None:
        self._folder.clicked.connect(lambda: file_dialogs.ask_for_folder(self, self.open_source))
        self._file.clicked.connect(lambda: file_dialogs.ask_for_images(self, self.open_source))
        self._fields.changed.connect(self._look)
        self._skipped.save_wanted.connect(lambda: file_dialogs.ask_to_save_table(self, "skipped", self._save_skipped))
        self._buttons.accepted.connect(self._on_accepted)
        self._cancel.clicked.connect(self._on_cancelled)
        self._images.previewed.connect(self._on_previewed)
        self._images.read.connect(self._on_read)
        self._images.progressed.connect(self._on_progressed)
        self._images.refused.connect(self._on_refused)
        self._images.stopped.connect(self._on_stopped)
        self.finished.connect(self._images.leave)

    # What is shown

    def _show_source(self, problem: str = "", summary: str = "", ready: bool = False) -> None:
        """Show a state in which nothing is being read."""
        self._source.set_text(str(self._path) if self._path is not None else self.tr("No images are chosen."))
        self._summary.setText(summary or self.tr("Choose a folder of pictures, a table or a file of arrays, or drop it here."))
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))
        self._read.setEnabled(ready)
        self._set_reading(False)

    def _set_reading(self, reading: bool) -> None:
        self._fields.setEnabled(not reading and self._path is not None)
        for button in (self._folder, self._file):
            button.setEnabled(not reading)
        self._bar.setVisible(reading)
        self._left.setVisible(reading)
        if reading:
            self._read.setEnabled(False)

    @Slot()
    def _look(self) -> None:
        self._added = None
        self._read.setText(self.tr("Read and train…"))
        if self._path is None:
            return
        try:
            self._reading = self._fields.reading()
        except UserError as error:
            self._show_source(str(error))
            return
        self._show_source(summary=self.tr("Looking at the images…"))
        self._images.preview(self._path, self._reading)

    @Slot(object)
    def _on_previewed(self, preview: Preview) -> None:
        height, width = preview.images.shape[1:3]
        self._fields.show_source(Size(height, width), preview.columns)
        shown = len(preview.images)
        self._grid.set_images(list(preview.names), preview.images, None)
        self._fit_grid()
        self._notes.setText(" ".join(preview.notes))
        self._notes.setVisible(bool(preview.notes))
        self._skipped.set_skipped(preview.skipped, self.tr("Files without an image so far, with the reason:"))
        summary = self.tr("The first {} of {:,} images, as the program will read them").format(shown, preview.found)
        if shown == preview.found and shown < SHOWN:
            summary = self.tr("All {} images, as the program will read them").format(shown)
        self._show_source(summary=summary, ready=True)

    @Slot(int, int, object)
    def _on_progressed(self, done: int, total: int, left: float | None) -> None:
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        words = self.tr("{:,} of {:,} images").format(done, total)
        self._left.setText(words if left is None else self.tr("{}, {:.0f} s left").format(words, left))

    @Slot(object, object)
    def _on_read(self, added: Added, skipped: list[Skipped]) -> None:
        """Go on to the training at once, unless files were skipped that the person has not seen yet."""
        self._added = added
        if not skipped:
            self._train()
            return
        self._skipped.set_skipped(skipped, self.tr("{:,} skipped, with the reason:").format(len(skipped)))
        read = self.tr("{:,} images were read into the data set {}.").format(sum(added.store.manifest.sizes), added.name)
        self._show_source(summary=read, ready=True)
        self._read.setText(self.tr("Train…"))

    @Slot(str)
    def _on_refused(self, message: str) -> None:
        self._show_source(message, summary=self.tr("These images cannot be read."))

    @Slot()
    def _on_stopped(self) -> None:
        self._show_source(summary=self.tr("The reading was stopped. Nothing was kept."), ready=True)

    # What a person does

    @Slot()
    def _on_accepted(self) -> None:
        if self._added is not None:
            self._train()
        elif self._path is not None:
            self._set_reading(True)
            self._images.add(self._path, self._reading)

    @Slot()
    def _on_cancelled(self) -> None:
        if self._images.reading:
            self._images.stop()
        else:
            self.reject()

    def _train(self) -> None:
        assert self._added is not None
        self.train_requested.emit(self._added.name)
        self.accept()

    def _save_skipped(self, path: Path) -> None:
        try:
            write_skipped(path, self._skipped.skipped)
        except UserError as error:
            self._problem.setText(str(error))
            self._problem.show()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._folder.isEnabled() and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths and self._folder.isEnabled():
            event.acceptProposedAction()
            self.open_source(paths[0])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_grid()

    def _fit_grid(self) -> None:
        self._grid.set_room(QSize(self._grid.width(), _GRID_HEIGHT))
