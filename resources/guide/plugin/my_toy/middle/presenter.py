from my_toy.middle.panel import MiddlePanel
from my_toy.middle.parts import Middle


def present(context):
    context.session.part(Middle).found.connect(context.panel(MiddlePanel).set_middle)
