"""What each panel says of the session's state: words and formats, no layout and no decisions about state."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Slot

from vae_explorer.gui.session import CursorState, InspectedCode, LatentPath, OpenModel, Progress, Session
from vae_explorer.gui.session.density import REACH, DensityPicture
from vae_explorer.gui.views.class_wheel import ClassWheel
from vae_explorer.gui.views.decoder_panel import DecoderPanel
from vae_explorer.gui.views.inspector_panel import InspectorPanel
from vae_explorer.gui.views.model_panel import ModelPanel
from vae_explorer.gui.views.path_panel import PathPanel
from vae_explorer.gui.views.status_bar import StatusBar
from vae_explorer.gui.views.training_panel import Curve, TrainingPanel
from vae_explorer.gui.workers.decode_thread import DecodeAnswer
from vae_explorer.latent.densities import prior_density
from vae_explorer.models.card import measured_by
from vae_explorer.models.families import FAMILIES
from vae_explorer.models.spec import ModelSpec
from vae_explorer.models.terms import NATS, headline, term
from vae_explorer.training.config import parameters_of

_HOLD = 700  # milliseconds for which the cursor keeps the large picture from the player
_REST = 350  # milliseconds after which a picture that a decoder writes row by row is written before the person's eyes


class DecoderPresenter(QObject):
    """The large picture: what is under the cursor; while a path plays and the mouse rests, the frame that is on show."""

    def __init__(self, panel: DecoderPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        self._cursor_answer: DecodeAnswer | None = None
        self._last_z: tuple[float, float] | None = None
        self._hold = QTimer(self)
        self._hold.setSingleShot(True)
        self._hold.setInterval(_HOLD)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST)
        self._rest.timeout.connect(panel.image_view.write)
        session.cursor_changed.connect(self._on_cursor_changed)
        session.cursor_decoded.connect(self._on_cursor_decoded)
        session.player.frame_changed.connect(self._on_frame_changed)
        session.player.playing_changed.connect(self._on_playing_changed)

    @Slot(object)
    def _on_cursor_changed(self, cursor: CursorState) -> None:
        self._hold_if_moved(cursor)
        if cursor.hovering or not self._session.player.playing:
            self._show_point(cursor)

    @Slot(object)
    def _on_cursor_decoded(self, answer: DecodeAnswer) -> None:
        self._cursor_answer = answer
        self._hold_if_moved(self._session.cursor)  # the picture comes before the news of the cursor
        if not self._session.player.playing or self._hold.isActive():
            self._show_cursor()

    @Slot(int)
    def _on_frame_changed(self, frame: int) -> None:
        answer, player = self._session.path.answer, self._session.player
        if player.playing and answer is not None and not self._hold.isActive():
            t, frame = frame / max(player.count - 1, 1), min(frame, len(answer.images) - 1)
            x, y = answer.z[frame].tolist()
            self._panel.set_point((x, y), prior_density((x, y)), "")
            self._panel.set_image(answer.images[frame], self.tr("on the path, t = {:.2f}").format(t))

    @Slot(bool)
    def _on_playing_changed(self, playing: bool) -> None:
        if playing:
            self._hold.stop()
        elif self._cursor_answer is not None:
            self._show_cursor()

    def _hold_if_moved(self, cursor: CursorState) -> None:
        if cursor.hovering and cursor.z != self._last_z:
            self._hold.start()
        self._last_z = cursor.z

    def _show_point(self, cursor: CursorState) -> None:
        nearest = self.tr("nearest code: {} at {:.3f}").format(cursor.label, cursor.distance) if cursor.label else ""
        self._panel.set_point(cursor.z, prior_density(cursor.z), nearest)

    def _show_cursor(self) -> None:
        if self._cursor_answer is not None:
            self._show_point(self._session.cursor)
            source = self.tr("under the cursor") if self._session.cursor.hovering else self.tr("last picked point")
            self._panel.set_image(self._cursor_answer.images[0], source)
            model = self._session.model
            if model is not None and FAMILIES[model.card.spec.family].sequential:
                self._rest.start()


class InspectorPresenter(QObject):
    def __init__(self, panel: InspectorPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        session.inspection.changed.connect(self._on_changed)
        session.density.found.connect(self._on_density_found)

    @Slot(object)
    def _on_density_found(self, density: DensityPicture | None) -> None:
        self._panel.set_density(None if density is None else density.pixels, REACH)

    @Slot(object)
    def _on_changed(self, code: InspectedCode | None) -> None:
        if code is None:
            self._panel.clear()
            return
        pinned = self.tr(" · held") if code.pinned else ""
        self._panel.set_code(f"{code.label}  ·  {code.name}{pinned}", code.mean, code.std)
        note = (
            ""
            if code.original is not None
            else self.tr("The original images are not at hand: Data ▸ Download images gets them.")
        )
        self._panel.set_images(code.original, code.reconstruction, note)


class ModelPresenter(QObject):
    def __init__(self, panel: ModelPanel, session: Session) -> None:
        super().__init__(session)
        self._panel = panel
        session.model_changed.connect(self._on_changed)
        session.model_saved.connect(self._on_changed)
        panel.switch_toggled.connect(session.options.set_switch)

    @Slot(object)
    def _on_changed(self, model: OpenModel) -> None:
        card, file = model.card, model.path.stem if model.path is not None else ""
        body = "–".join(str(width) for width in card.spec.hidden)
        lines = [
            f"{card.spec.family} on {card.dataset}",
            ", ".join(filter(None, (f"{card.spec.body} {body}", _parameters(card.spec)))),
        ]
        figure = headline(card.spec.family, card.metrics)
        lines += [self.tr("test {}").format(figure)] if figure else []
        lines.append(measured_by(card))
        lines += filter(None, (FAMILIES[card.spec.family].note,))
        if file and file != card.name:
            lines.insert(0, file)
        self._panel.set_model(card.name, "\n".join(lines))
        codes = model.file.codes
        counts = [int((codes.label == number).sum()) for number in range(len(card.classes))]
        self._panel.legend.set_classes(card.classes, counts)
        family = FAMILIES[card.spec.family]
        self._panel.set_switches([(switch.name, switch.title, switch.help) for switch in family.switches])


class ClassWheelPresenter(QObject):
    """There is a wheel where the model can decode as one class or another."""

    def __init__(self, wheel: ClassWheel, session: Session) -> None:
        super().__init__(session)
        self._wheel, self._session = wheel, session
        wheel.label_chosen.connect(session.options.set_label)
        session.options.changed.connect(self._show_label)
        session.model_changed.connect(self._on_model_changed)

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._wheel.set_classes(model.card.classes if self._session.options.classes else ())
        self._show_label()

    @Slot()
    def _show_label(self) -> None:
        self._wheel.set_label(self._session.options.label)


class PathPresenter(QObject):
    def __init__(self, panel: PathPanel, session: Session) -> None:
        super().__init__(session)
        self._panel, self._session = panel, session
        session.path.changed.connect(self._on_changed)
        session.path.decoded.connect(self._on_decoded)
        session.player.frame_changed.connect(self._on_frame_changed)
        panel.frame_chosen.connect(session.player.set_frame)
        panel.frames_changed.connect(session.path.set_frames)
        panel.mode_chosen.connect(session.player.set_mode)
        panel.speed_chosen.connect(session.player.set_speed)
        panel.set_frame_count(session.path.path.frames)

    @Slot(object)
    def _on_changed(self, path: LatentPath) -> None:
        self._panel.set_frame_count(path.frames)
        if not path.is_complete:
            self._panel.clear()

    @Slot(object)
    def _on_decoded(self, answer: DecodeAnswer) -> None:
        self._panel.set_frames(answer.images)

    @Slot(int)
    def _on_frame_changed(self, frame: int) -> None:
        answer = self._session.path.answer
        if answer is not None:
            frame = min(frame, len(answer.images) - 1)
            self._panel.set_frame(frame, len(answer.images), answer.images[frame])


class TrainingPresenter(QObject):
    def __init__(self, panel: TrainingPanel, session: Session) -> None:
        super().__init__(session)
        self._panel = panel
        session.training.changed.connect(self._on_changed)
        panel.stop_requested.connect(session.training.stop)

    @Slot(object)
    def _on_changed(self, progress: Progress) -> None:
        note = progress.note
        if progress.seconds_left is not None:
            note += self.tr("\n{} left").format(_duration(progress.seconds_left))
        self._panel.set_progress(progress.fraction, note, progress.running)
        self._panel.set_plots(_plots(progress.config.family))
        self._panel.set_curves(progress.curves)


class StatusPresenter(QObject):
    def __init__(self, bar: StatusBar, session: Session) -> None:
        super().__init__(session)
        self._bar = bar
        session.model_changed.connect(self._on_model_changed)
        session.decode_timed.connect(bar.set_decode_time)
        session.notice_raised.connect(bar.show_notice)
        session.loading.download_progressed.connect(self._on_download_progressed)
        session.training.changed.connect(self._on_training_changed)
        bar.set_device(self.tr("decoding on the cpu"))

    @Slot(object)
    def _on_model_changed(self, model: OpenModel) -> None:
        self._bar.set_model(model.card.name, self.tr("{:,} codes of {}").format(len(model.file.codes), model.card.dataset))

    @Slot(object)
    def _on_training_changed(self, progress: Progress) -> None:
        training = self.tr(", training on {}").format(progress.device) if progress.running and progress.device else ""
        self._bar.set_device(self.tr("decoding on the cpu") + training)

    @Slot(str, int, int)
    def _on_download_progressed(self, file: str, done: int, total: int) -> None:
        share = f" {100 * done // total} %" if total else ""
        self._bar.show_notice(self.tr("Downloading {}{}; Data ▸ Cancel download stops it").format(file, share))


def _plots(family: str) -> tuple[tuple[Curve, ...], ...]:
    """The figure a family is judged by beside its reconstruction term, then each other term by itself."""
    names = FAMILIES[family].terms
    first = Curve(f"test_{names[0]}", f"test {term(names[0]).title}", 1)
    beside = "reconstruction" if "reconstruction" in names and term(names[0]).unit == NATS else names[0]
    rest = [name for name in names[1:] if name != beside]
    others = tuple((Curve(f"train_{name}", term(name).title, 2),) for name in rest)
    return ((Curve(f"train_{beside}", term(beside).title, 0), first), *others)


def _parameters(spec: ModelSpec) -> str:
    known = parameters_of(spec.family, spec.likelihood)
    return ", ".join(f"{each.symbol} = {spec.parameters[each.name]:g}" for each in known if each.name in spec.parameters)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"
