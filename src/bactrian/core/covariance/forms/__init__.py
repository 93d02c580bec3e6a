"""Forms: how covariances are stored, and the linear algebra of what is stored."""

from __future__ import annotations

from bactrian.core.covariance.forms.form import Form
from bactrian.core.covariance.forms.matrices import FullForm, TiedForm
from bactrian.core.covariance.forms.variances import DiagForm, SphericalForm

FULL, TIED, DIAG, SPHERICAL = FullForm(), TiedForm(), DiagForm(), SphericalForm()

__all__ = ["DIAG", "FULL", "SPHERICAL", "TIED", "Form"]
