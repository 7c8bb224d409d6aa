"""The menu View ▸ Compare."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from vae_explorer.gui.compare.comparison import Comparison
from vae_explorer.gui.compare.presets import PRESETS
from vae_explorer.gui.dialogs import file_dialogs
from vae_explorer.gui.kit.plain import fitted, literal
from vae_explorer.gui.menus import NAME_ROOM
from vae_explorer.models.catalogue import pretrained_models, recent_runs


def add_compare_menu(view_menu: QMenu, before: QAction, comparison: Comparison, window: QWidget) -> None:
    menu = QMenu(view_menu.tr("&Compare"), view_menu)
    menu.setObjectName("view.compare")
    menu.setToolTipsVisible(True)
    models = menu.addMenu(menu.tr("Compare &with…"))
    models.setObjectName("view.compare.with")
    models.aboutToShow.connect(lambda: _fill(models, comparison, window))
    _fill(models, comparison, window)
    menu.addSeparator()
    for preset in PRESETS:
        _add(menu, f"view.compare.{preset.name}", menu.tr(preset.title), menu.tr(preset.tip)).triggered.connect(
            lambda _=False, preset=preset: comparison.show_preset(preset)
        )
    menu.addSeparator()
    close = _add(menu, "view.compare.close", menu.tr("C&lose comparison"), menu.tr("Back to one map, as it was"))
    close.triggered.connect(comparison.close)
    close.setEnabled(False)
    comparison.changed.connect(lambda: close.setEnabled(comparison.on))
    view_menu.insertMenu(before, menu)


def _fill(menu: QMenu, comparison: Comparison, window: QWidget) -> None:
    """List the pretrained models, the latest runs, and a choice of a file."""
    menu.clear()
    for names in (list(pretrained_models()), recent_runs()):
        for name in names:
            _add(
                menu,
                f"view.compare.with.{name}",
                literal(fitted(menu, name, NAME_ROOM)),
                menu.tr("Put this model beside the others"),
            ).triggered.connect(lambda _=False, name=name: comparison.compare_with(name))
        menu.addSeparator()
    file = _add(menu, "view.compare.with_file", menu.tr("&File…"), menu.tr("Put the model in a file beside the others"))
    file.triggered.connect(lambda: file_dialogs.ask_to_open(window, comparison.compare_with))


def _add(menu: QMenu, name: str, text: str, tip: str) -> QAction:
    action = menu.addAction(text)
    action.setObjectName(name)
    action.setStatusTip(tip)
    action.setToolTip(tip)
    return action
