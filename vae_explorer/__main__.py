"""`python -m vae_explorer` is `vae-explorer`."""

import sys

from vae_explorer.cli import main

if __name__ == "__main__":
    sys.exit(main())
