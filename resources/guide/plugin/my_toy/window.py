from vae_explorer.gui.features.feature import Area, Feature

FEATURE = Feature("middle", "MIDDLE", Area.RIGHT, "inspector", layer=38, session_parts=True, home="my_toy")
