"""All that processes of the server work with: imported once, and forked from then on."""

from __future__ import annotations

import bactrian.web.examples
import bactrian.web.work.fits
import bactrian.web.work.questions
import bactrian.web.work.searches
import bactrian.web.work.tables  # noqa: F401
