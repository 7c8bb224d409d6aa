"""How frames are played: over again, to and fro, or once."""

LOOP, PING_PONG, ONCE = "loop", "pingpong", "once"
