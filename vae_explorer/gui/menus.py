"""Makes the menu bar from the table of commands."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu

from vae_explorer.gui.actions import COMMANDS, MENUS
from vae_explorer.gui.kit.plain import fitted, literal
from vae_explorer.gui.kit.theme import SYSTEM, THEMES
from vae_explorer.models.catalogue import pretrained_models, recent_runs

NAME_ROOM = 400  # pixels


def make_menus(window: QMainWindow, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    menus = {}
    for name, title in MENUS.items():
        menu = window.menuBar().addMenu(window.tr(title))
        menu.setObjectName(f"menu.{name}")
        menu.setToolTipsVisible(True)
        for command in COMMANDS:
            if command.name.startswith(f"{name}."):
                menu.addAction(actions[command.name])
        menus[name] = menu
    return menus


def add_model_menus(file_menu: QMenu, before: QAction, open_model: Callable[[str], object]) -> None:
    """Add Open pretrained ▸ and Open run ▸, which list the models when they open."""
    for name, title, models in (
        ("file.open_pretrained", "Open &pretrained", pretrained_models),
        ("file.open_run", "Open &run", recent_runs),
    ):
        menu = QMenu(file_menu.tr(title), file_menu)
        menu.setObjectName(name)
        menu.aboutToShow.connect(lambda menu=menu, models=models, name=name: _fill(menu, name, list(models()), open_model))
        _fill(menu, name, list(models()), open_model)
        file_menu.insertMenu(before, menu)


def _fill(menu: QMenu, prefix: str, names: Sequence[str], open_model: Callable[[str], object]) -> None:
    menu.clear()
    for name in names:
        action = menu.addAction(literal(fitted(menu, name, NAME_ROOM)))
        action.setObjectName(f"{prefix}.{name}")
        action.triggered.connect(lambda _=False, name=name: open_model(name))
    if not names:
        menu.addAction(menu.tr("None yet")).setEnabled(False)


def add_view_menus(
    menu: QMenu, docks: Sequence[QDockWidget], choice: str, choose_theme: Callable[[str], object]
) -> QActionGroup:
    """Add Theme ▸ and a tick for every panel. Return the actions of the themes."""
    themes = menu.addMenu(menu.tr("&Theme"))
    themes.setObjectName("view.theme")
    group = QActionGroup(themes)
    for name in (SYSTEM, *THEMES):
        action = themes.addAction(menu.tr(name.capitalize()))
        action.setObjectName(f"view.theme.{name}")
        action.setCheckable(True)
        action.setChecked(name == choice)
        action.triggered.connect(lambda _=False, name=name: choose_theme(name))
        group.addAction(action)
    menu.addSeparator()
    for dock in docks:
        action = dock.toggleViewAction()
        action.setObjectName(f"view.{dock.objectName()}")
        menu.addAction(action)
    return group
