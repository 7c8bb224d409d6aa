"""The modes of the player: in a loop, to and fro, or once."""

LOOP, PING_PONG, ONCE = "loop", "pingpong", "once"
