from vae_explorer.gui.kit.widgets import Label


class MiddlePanel(Label):
    def set_middle(self, mean):
        self.setText(f"The codes lie around ({mean[0]:.2f}, {mean[1]:.2f})")


def make_panel():
    return MiddlePanel("")
