"""A row of the table of features, and the context that a feature is built into."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Protocol, TypeVar, runtime_checkable

from PySide6.QtCore import QObject, Qt, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QWidget

from vae_explorer.gui.core.part import SessionPart, WorkspacePart
from vae_explorer.gui.core.session import Session
from vae_explorer.gui.core.workspace import Workspace
from vae_explorer.gui.features.outside import attempt, guard_classes
from vae_explorer.gui.kit.widgets import label
from vae_explorer.gui.map.area import MapArea
from vae_explorer.gui.map.latent_view import LatentView

if TYPE_CHECKING:
    from vae_explorer.gui.features.base import Overlay, Overlays

T = TypeVar("T")
Panel = TypeVar("Panel", bound=QWidget)
HOME = "vae_explorer.gui.features"
VERTICAL, HORIZONTAL = Qt.Orientation.Vertical, Qt.Orientation.Horizontal


class Area(Enum):
    """Where a panel docks."""

    LEFT = Qt.DockWidgetArea.LeftDockWidgetArea
    RIGHT = Qt.DockWidgetArea.RightDockWidgetArea
    BOTTOM = Qt.DockWidgetArea.BottomDockWidgetArea


class Shell(Protocol):
    """The requests of features to the window, and files that a person drops on it."""

    image_dropped: SignalInstance  # Path

    def ask_for_image(self, use: Callable[[Path], object]) -> None:
        """Ask the person for an image file, and call `use` with its path."""

    def ask_where_to_export(self, title: str, suggestion: str, use: Callable[[Path], object]) -> None:
        """Ask the person for the file of a picture or animation, and call `use` with its path."""

    def request_training(self) -> None:
        """Open the training dialog."""


class Docks(Protocol):
    def dock(self, name: str) -> QDockWidget: ...

    def show(self, name: str, visible: bool) -> None: ...

    def offer(self, name: str, offered: bool) -> None: ...

    def note_training(self, begun: bool, running: bool) -> None: ...


@runtime_checkable
class TakesActions(Protocol):
    """A panel with buttons for actions of the window."""

    def set_actions(self, actions: Mapping[str, QAction]) -> None: ...


@dataclass(frozen=True, slots=True)
class Context:
    """A session with its map and overlays, and the panels by feature name."""

    session: Session
    map_area: MapArea
    overlays: Overlays
    panels: Mapping[str, QWidget]
    docks: Docks
    shell: Shell

    @property
    def view(self) -> LatentView:
        return self.map_area.view

    def panel(self, kind: type[Panel]) -> Panel:
        """Return the panel of this type. Raises `KeyError` where no feature has such a panel."""
        for panel in self.panels.values():
            if isinstance(panel, kind):
                return panel
        raise KeyError(kind.__name__)

    def visibility_changed(self, feature: str) -> SignalInstance:
        return self.docks.dock(f"{feature}Dock").visibilityChanged


@dataclass(frozen=True, slots=True)
class Feature:
    """One row of the table. The folder `name` of the package `home` holds the modules of the feature.

    A feature of another package cannot disturb the window: `outside` notes what fails, and the window goes on without it.
    """

    name: str
    title: str = ""  # of the panel, in capitals
    area: Area | None = None  # with an area, `panel.make_panel()` exists
    tab_of: str = ""  # the feature whose dock has this panel as a tab
    scrolls: Qt.Orientation | None = None
    wraps: bool = False  # whether a narrower panel is higher
    offered: bool = True  # at first; a presenter offers other panels by `Docks.offer`
    layer: int = 0  # with a layer, `overlay.OVERLAY` exists; the highest layer lies on top
    presents: bool = True  # whether `presenter.present(context)` exists
    session_parts: bool = False  # whether `parts.make_session_parts(session)` exists
    workspace_parts: bool = False  # whether `parts.make_workspace_parts(workspace)` exists
    stored_as: str = ""  # the dock's name in stored layouts, where it differs from `name`
    home: str = HOME

    @property
    def dock(self) -> str:
        """The dock's object name, which stored layouts hold."""
        return f"{self.stored_as or self.name}Dock"

    @property
    def is_outside(self) -> bool:
        """Whether another package brings the feature."""
        return self.home != HOME

    def load(self) -> None:
        """Import the feature's modules. Beside the import of torch they would take 50 ms more."""
        has = {"parts": self.session_parts or self.workspace_parts, "panel": self.area is not None}
        has |= {"overlay": bool(self.layer), "presenter": self.presents}
        modules = [self._module(name) for name, is_there in has.items() if is_there]
        if self.is_outside:
            guard_classes(modules)

    def make_workspace_parts(self, workspace: Workspace) -> Sequence[WorkspacePart]:
        if not self.workspace_parts:
            return ()
        make: Callable[[Workspace], Sequence[WorkspacePart]] = self._module("parts").make_workspace_parts
        return self._tried(lambda: tuple(make(workspace)), ())

    def make_session_parts(self, session: Session) -> Sequence[SessionPart]:
        if not self.session_parts:
            return ()
        make: Callable[[Session], Sequence[SessionPart]] = self._module("parts").make_session_parts
        return self._tried(lambda: self._named(make(session)), ())

    def _named(self, parts: Sequence[SessionPart]) -> Sequence[SessionPart]:
        """Return `parts`. Raises `ValueError` if a part of a package could take the record of another feature."""
        if self.is_outside and any(part.kept_as not in ("", self.name) for part in parts):
            raise ValueError(f"a part is kept as another name than {self.name!r}")
        return tuple(parts)

    def _module(self, name: str) -> ModuleType:
        return import_module(f"{self.home}.{self.name}.{name}")

    def make_panel(self) -> QWidget:
        make: Callable[[], QWidget] = self._module("panel").make_panel
        panel = self._tried(make, None)
        return panel if isinstance(panel, QWidget) else label("error", f"The panel of {self.name} cannot be shown.")

    def make_overlay(self, view: LatentView, session: Session, parent: QObject) -> Overlay | None:
        """Return the overlay, None if a package's overlay fails."""
        kind: type[Overlay] = self._module("overlay").OVERLAY

        def make() -> Overlay:
            if self.is_outside and kind.name != self.name:
                raise ValueError(f"its overlay is called {kind.name!r}, not {self.name!r}")
            return kind(view, session, parent)

        return self._tried(make, None)

    def present(self, context: Context) -> None:
        if self.presents:
            self._tried(lambda: self._module("presenter").present(context), None)

    def _tried(self, work: Callable[[], T], otherwise: T) -> T:
        return attempt(self.name, work, otherwise) if self.is_outside else work()
