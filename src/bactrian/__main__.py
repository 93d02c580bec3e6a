"""``python -m bactrian``."""

from __future__ import annotations

from bactrian.cli import main

if __name__ == "__main__":
    main()
