"""One model on its map with every panel around it: makes them and wires them to one session. A window holds one or more."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QWidget

from vae_explorer.errors import UserError
from vae_explorer.foreign import short
from vae_explorer.gui import file_dialogs, presenters
from vae_explorer.gui.docks import Docks, is_narrow
from vae_explorer.gui.guarded import Guarded
from vae_explorer.gui.map_area import MapArea
from vae_explorer.gui.map_drawing import MapDrawing
from vae_explorer.gui.overlays import overlay_types
from vae_explorer.gui.player import LOOP, ONCE, PING_PONG
from vae_explorer.gui.session import OpenModel, Session
from vae_explorer.gui.session.samples import MOST, SEEDS
from vae_explorer.gui.theme import Theme
from vae_explorer.gui.views.class_wheel import LEAST_SIDE
from vae_explorer.gui.views.decoder_panel import DecoderPanel
from vae_explorer.gui.views.draw_panel import DrawPanel
from vae_explorer.gui.views.equation_panel import EquationPanel
from vae_explorer.gui.views.evidence_panel import EvidencePanel
from vae_explorer.gui.views.extremes_panel import ExtremesPanel
from vae_explorer.gui.views.health_panel import HealthPanel
from vae_explorer.gui.views.inspector_panel import InspectorPanel
from vae_explorer.gui.views.latent_view import LatentView
from vae_explorer.gui.views.model_choice import ModelChoice
from vae_explorer.gui.views.model_panel import ModelPanel
from vae_explorer.gui.views.path_panel import PathPanel
from vae_explorer.gui.views.samples_panel import SamplesPanel
from vae_explorer.gui.views.training_panel import TrainingPanel
from vae_explorer.latent.paths import MAX_FRAMES, MIN_FRAMES
from vae_explorer.latent.plane import FAR
from vae_explorer.latent.sampling import NOISE_REACH
from vae_explorer.models.catalogue import SUFFIX, find_model, finished_runs, pretrained_models

_REACH = 9  # pixels within which a code counts as hovered


class Explorer(Guarded, QMainWindow):
    """A QMainWindow for its docks alone: it lies inside the window and has neither menus nor a status bar."""

    train_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setObjectName("explorer")
        self.setAcceptDrops(True)
        self.session = session
        session.setParent(self)
        self._make_views()
        self._overlays = [kind(self.latent_view, session, self) for kind in overlay_types()]
        for overlay in self._overlays:
            self.model_panel.add_overlay(overlay.name, self.tr(overlay.title), self.tr(overlay.tip), overlay.on_at_first)
        self._connect_panels()
        self._connect_map()
        self._connect_choice()

    def _make_views(self) -> None:
        self.latent_view = LatentView()
        self._drawing = MapDrawing(self.latent_view.codes_item, self)
        self.map_area = MapArea(self.latent_view)
        self.setCentralWidget(self.map_area)
        self.model_choice = ModelChoice()
        self.model_choice.hide()  # until there are maps to tell apart
        self.setMenuWidget(self.model_choice)
        self.model_panel, self.decoder_panel, self.inspector_panel = ModelPanel(), DecoderPanel(), InspectorPanel()
        self.training_panel, self.health_panel = TrainingPanel(), HealthPanel()
        modes = ((PING_PONG, self.tr("Ping-pong")), (LOOP, self.tr("Loop")), (ONCE, self.tr("Once")))
        self.path_panel = PathPanel(modes, (MIN_FRAMES, MAX_FRAMES))
        self.equation_panel, self.evidence_panel = EquationPanel(), EvidencePanel(presenters.lens_lines())
        self.draw_panel = DrawPanel(presenters.lens_lines())
        self.samples_panel = SamplesPanel(MOST, SEEDS)
        self.extremes_panel = ExtremesPanel()
        self.docks = Docks(
            self,
            {
                "modelDock": self.model_panel,
                "decoderDock": self.decoder_panel,
                "inspectorDock": self.inspector_panel,
                "trainingDock": self.training_panel,
                "healthDock": self.health_panel,
                "pathDock": self.path_panel,
                "equationDock": self.equation_panel,
                "evidenceDock": self.evidence_panel,
                "drawDock": self.draw_panel,
                "samplesDock": self.samples_panel,
                "extremesDock": self.extremes_panel,
            },
        )

    # Wiring

    def _connect_panels(self) -> None:
        session = self.session
        presenters.DecoderPresenter(self.decoder_panel, session)
        presenters.InspectorPresenter(self.inspector_panel, session)
        presenters.ModelPresenter(self.model_panel, session)
        presenters.ColourPresenter(self.model_panel.colour, self.map_area.colour_bar, self.latent_view, session)
        presenters.RatioPresenter(self.map_area.ratio_bar, session)
        presenters.ClassWheelPresenter(self.map_area.class_wheel, session)
        presenters.DrawPresenter(self.draw_panel, session)
        presenters.ExtremesPresenter(self.extremes_panel, session)
        presenters.EvidencePresenter(self.evidence_panel, session)
        presenters.EquationPresenter(self.equation_panel, session)
        presenters.HealthPresenter(self.health_panel, session)
        presenters.PathPresenter(self.path_panel, session)
        presenters.SamplesPresenter(self.samples_panel, session)
        self.samples_panel.zoom_requested.connect(self._on_zoom_requested)
        self.docks.dock("samplesDock").visibilityChanged.connect(session.samples.set_open)
        for name, watching in (
            ("equationDock", self.equation_panel),
            ("evidenceDock", self.evidence_panel),
            ("drawDock", self.draw_panel),
        ):
            self.docks.dock(name).visibilityChanged.connect(watching.visibility_changed)
        self.draw_panel.file_wanted.connect(lambda: file_dialogs.ask_for_image(self, self.open_image))
        for subject in (self.evidence_panel.subject, self.draw_panel.subject):
            subject.zoom_requested.connect(self.look_at_posteriors)
        presenters.TrainingPresenter(self.training_panel, session)
        for panel in (self.model_panel, self.training_panel):
            panel.train_requested.connect(self.train_requested)
        self.model_panel.overlay_toggled.connect(self._on_overlay_toggled)
        self.model_panel.legend.hidden_changed.connect(self.latent_view.set_hidden_classes)
        self.model_panel.legend.hidden_changed.connect(session.codes_index.set_hidden)

    def _connect_map(self) -> None:
        session, view = self.session, self.latent_view
        view.cursor_moved.connect(lambda z: session.move_cursor(z, self.hover_reach()))
        view.cursor_left.connect(session.leave_map)
        view.clicked.connect(self._on_clicked)
        view.double_clicked.connect(self._on_double_clicked)
        view.click_missed.connect(session.forget_click)
        session.cursor_changed.connect(lambda cursor: view.set_cursor_point(cursor.z))
        session.problem_raised.connect(self.map_area.banner.show_message)
        for done in (session.loading.model_loaded, session.loading.picture_read):  # what was wrong before is mended
            done.connect(self.map_area.banner.dismiss_if_shown)
        self._drawing.failed.connect(session.problem_raised)
        session.loading.opening.lasts.connect(self._on_opening_lasts)
        self.map_area.opening.dismissed.connect(session.loading.cancel_model)
        view.mouse_moved.connect(session.activity.stir)
        view.getViewBox().sigRangeChangedManually.connect(session.activity.stir)
        view.codes_set.connect(session.codes_index.set_codes)
        session.extremes.picked.connect(self._bring_into_view)
        view.plane_changed.connect(session.codes_index.set_plane)
        view.codes_dropped.connect(self._on_codes_dropped)
        session.path.decoded.connect(self.map_area.hint.dismiss_if_shown)

    def _connect_choice(self) -> None:
        choice = self.model_choice
        choice.about_to_open.connect(self._list_models)
        choice.chosen.connect(self._on_chosen)
        choice.file_wanted.connect(lambda: file_dialogs.ask_to_open(self, self.open_model))
        self.session.model_changed.connect(self._on_model_changed)
        self.session.model_saved.connect(self._on_model_changed)

    # What the window and scripts call

    def hover_reach(self) -> float:
        """How far, in units of the map, the cursor may be from a code that it is on."""
        return _REACH * self.latent_view.units_per_pixel()

    def open_model(self, name: str | Path) -> None:
        """Open a pretrained model, a run or a file; what is open stays open until that has proved good."""
        try:
            path = find_model(str(name))
        except UserError as error:
            self.session.problem_raised.emit(str(error), "")
        else:
            self.session.loading.open_model(path)

    def open_image(self, path: Path) -> None:
        """Lay an image file on the pad, which comes to the front; one that is no good is refused in the banner."""
        model = self.session.model
        if model is not None:
            self.docks.show("drawDock", True)
            self.session.loading.read_picture(path, model.card.spec.image_shape)

    @Slot()
    def look_at_posteriors(self) -> None:
        """Both posteriors of the image under the lens fill the map, if they are known."""
        found = self.session.lens.posterior
        if found is not None:
            self.latent_view.look_around(*found.room())

    def set_training(self, training: bool) -> None:
        """Whether a run is on anywhere in the window, so that no other one can begin."""
        self.model_panel.set_training(training)
        self.training_panel.set_can_train(not training)

    def offer_models(self, offered: bool) -> None:
        """Whether a box above the map lets one choose its model."""
        self._list_models()
        self.model_choice.setVisible(offered)

    def arrange(self, pane: QSize) -> None:
        """For a map beside others, in a pane of this size; where it is narrow, the class wheel makes room for the map."""
        self.docks.arrange(pane)
        self.place_wheel(on_map=not is_narrow(pane))

    def place_wheel(self, on_map: bool) -> None:
        """The class wheel lies on the map, or beside the decoded picture."""
        wheel = self.map_area.class_wheel
        self.decoder_panel.set_beside(None if on_map else wheel)
        if on_map:
            self.map_area.take_wheel()
        else:
            wheel.lie_in(self.decoder_panel, LEAST_SIDE)

    def set_theme(self, theme: Theme) -> None:
        themed = (
            self.latent_view,
            self.decoder_panel,
            self.inspector_panel,
            self.path_panel,
            self.training_panel,
            self.evidence_panel,
            self.samples_panel,
            self.draw_panel,
            self.map_area.class_wheel,
            self.map_area.colour_bar,
            self.map_area.ratio_bar,
            self.extremes_panel,
        )
        for panel in themed:
            panel.set_theme(theme)
        for overlay in self._overlays:
            overlay.set_theme(theme)

    def reset_layout(self) -> None:
        self.docks.reset(training=self.session.training.progress is not None)

    def shut_down(self) -> None:
        """End every thread and wait for it."""
        self._drawing.shut_down()
        self.session.shut_down()

    # Events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A model is opened, anything else taken for an image. Of several files the first one."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            (self.open_model if paths[0].suffix == SUFFIX else self.open_image)(paths[0])

    @Slot()
    def _list_models(self) -> None:
        groups = (pretrained_models(), finished_runs())
        self.model_choice.set_choices([{name: path.absolute() for name, path in group.items()} for group in groups])

    @Slot(object)
    def _on_chosen(self, path: Path | None) -> None:
        """The model that is open already stays, and one that is on its way in its place does not come."""
        if self.session.model is not None and path == _absolute(self.session.model.path):
            self.session.loading.cancel_model()
        elif path is not None:
            self.session.loading.open_model(path)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        name = model.path.stem if model.path is not None else model.card.name
        facts = self.tr("{} on {}").format(model.card.spec.family, model.card.dataset)
        self.model_choice.set_model(name, _absolute(model.path), facts)

    @Slot(object, object)
    def _on_clicked(self, z: tuple[float, float], modifiers: Qt.KeyboardModifier) -> None:
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.session.forget_click()
            self.session.pin_nearest(z)
            return
        point = self.session.codes_index.snapped(z) if modifiers & Qt.KeyboardModifier.ControlModifier else z
        self.session.click(point)

    @Slot(object)
    def _on_double_clicked(self, z: tuple[float, float]) -> None:
        self.session.take_back_click()
        self.latent_view.centre_on(z)

    @Slot()
    def _on_zoom_requested(self) -> None:
        """The posterior that is drawn from fills the map."""
        draws = self.session.samples.posterior
        if draws is not None:
            width, height = draws.code.std
            self.latent_view.look_around(draws.code.mean, (NOISE_REACH * width, NOISE_REACH * height))

    @Slot(int)
    def _bring_into_view(self, _: int) -> None:
        """The code that was stepped to may lie beyond the edge."""
        z = self.session.cursor.z
        if not self.latent_view.visible_rect().contains(self.latent_view.place_of(z)):
            self.latent_view.centre_on(z)

    @Slot(int)
    def _on_codes_dropped(self, count: int) -> None:
        text = self.tr("{:,} of {:,} codes are no numbers or lie beyond ±{}, and are not shown.")
        of = count + self.latent_view.codes_item.count
        self.session.problem_raised.emit(text.format(count, of, f"{FAR:.0e}".replace("e+0", "e")), "")

    @Slot(object)
    def _on_opening_lasts(self, path: Path | None) -> None:
        """The open model stays usable below the line."""
        if path is None:
            self.map_area.opening.hide()
        else:
            self.map_area.opening.show_message(self.tr("Opening {}…").format(short(path.name)), copyable=False)

    @Slot(str, bool)
    def _on_overlay_toggled(self, name: str, visible: bool) -> None:
        for overlay in self._overlays:
            if overlay.name == name:
                overlay.set_visible(visible)
                if overlay.has_scale:
                    self.map_area.ratio_bar.setVisible(visible)


def _absolute(path: Path | None) -> Path | None:
    return path.absolute() if path is not None else None
