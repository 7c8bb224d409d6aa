from PySide6.QtCore import Signal

from vae_explorer.gui.core.part import SessionPart


class Middle(SessionPart):
    """The mean of the codes of the model on screen, as the map shows them."""

    found = Signal(object)  # (2,) float32

    def __init__(self, session):
        super().__init__(session)
        self._jobs = session.jobs

    def set_model(self, model, same_data):
        job = self._jobs.run("middle", lambda report, should_stop: model.places.mean(axis=0))
        job.done.connect(self.found)

    def set_section(self, model):
        self.set_model(model, same_data=True)


def make_session_parts(session):
    return (Middle(session),)
