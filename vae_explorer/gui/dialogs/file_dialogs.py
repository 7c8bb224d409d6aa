"""Dialogs for files, which call `use` with the chosen path. Pillow is imported with the first dialog for images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from vae_explorer.models.catalogue import SUFFIX
from vae_explorer.models.own.how import SUFFIXES

MODEL_FILTER = f"Models (*{SUFFIX})"
OPEN_FILTER = f"Models ({' '.join(f'*{suffix}' for suffix in (SUFFIX, *SUFFIXES))})"
EXPORT_FILTERS = ("GIF animation (*.gif)", "APNG animation (*.apng)", "PNG strip (*.png)")


def ask_to_open(parent: QWidget, use: Callable[[Path], object]) -> None:
    _open(parent, "openModelDialog", parent.tr("Open model"), OPEN_FILTER, use)


def ask_for_image(parent: QWidget, use: Callable[[Path], object]) -> None:
    from vae_explorer.image_reading import READABLE

    endings = " ".join(f"*{suffix}" for suffix in READABLE)
    _open(parent, "openImageDialog", parent.tr("Open image"), f"Images ({endings})", use)


def ask_for_folder(parent: QWidget, use: Callable[[Path], object]) -> None:
    dialog = _dialog(parent, "openFolderDialog", parent.tr("Open a folder of pictures"), [])
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.fileSelected.connect(lambda name: use(Path(name)))
    dialog.open()


def ask_for_images(parent: QWidget, use: Callable[[Path], object]) -> None:
    from vae_explorer.image_reading import SETS

    endings = " ".join(f"*{suffix}" for suffix in SETS)
    _open(parent, "openImagesDialog", parent.tr("Open images"), f"Tables and arrays ({endings})", use)


def ask_to_save_table(parent: QWidget, suggestion: str, use: Callable[[Path], object]) -> None:
    dialog = _dialog(parent, "saveTableDialog", parent.tr("Save list"), ["Tables (*.csv)"])
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("csv")
    dialog.selectFile(f"{suggestion}.csv")
    dialog.fileSelected.connect(lambda name: use(Path(name)))
    dialog.open()


def ask_to_save(parent: QWidget, suggestion: str, use: Callable[[Path], object]) -> None:
    dialog = _dialog(parent, "saveModelDialog", parent.tr("Save model as"), [MODEL_FILTER])
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(SUFFIX[1:])
    dialog.selectFile(suggestion + SUFFIX)
    dialog.fileSelected.connect(lambda name: use(Path(name)))
    dialog.open()


def ask_to_export(parent: QWidget, title: str, suggestion: str, use: Callable[[Path], object]) -> None:
    """A name without a suffix gets the suffix of the chosen filter."""
    from vae_explorer.images import ANIMATIONS

    dialog = _dialog(parent, "exportDialog", title, list(EXPORT_FILTERS))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix("gif")
    dialog.filterSelected.connect(lambda text: dialog.setDefaultSuffix(text.rpartition("*.")[2].rstrip(")")))
    dialog.selectFile(suggestion + next(iter(ANIMATIONS)))
    dialog.fileSelected.connect(lambda name: use(Path(name)))
    dialog.open()


def _open(parent: QWidget, name: str, title: str, filter: str, use: Callable[[Path], object]) -> None:
    dialog = _dialog(parent, name, title, [filter, "All files (*)"])
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.fileSelected.connect(lambda chosen: use(Path(chosen)))
    dialog.open()


def _dialog(parent: QWidget, name: str, title: str, filters: list[str]) -> QFileDialog:
    dialog = QFileDialog(parent, title)
    dialog.setObjectName(name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog)
    dialog.setNameFilters(filters)
    return dialog
