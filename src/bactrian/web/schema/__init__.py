"""What the calculator's server takes and returns, version 1.

The only place that says so: requests are checked by these classes, openapi.json is written from
them, and the page's types from that. Components and rows are counted from 1 wherever a number of
one is given, log-likelihoods are sums in nats, all else is in the units of the data.
"""

from __future__ import annotations

from bactrian.web.schema.about import About, Example, ExampleData, Limits, Structure
from bactrian.web.schema.datasets import (
    Column,
    Dataset,
    DatasetRows,
    FileQuery,
    LeftOut,
    PointsQuery,
    RowsQuery,
    Table,
)
from bactrian.web.schema.jobs import (
    Candidate,
    FitProgress,
    FitResult,
    Job,
    KMeans,
    Note,
    SearchProgress,
    SearchResult,
)
from bactrian.web.schema.mixtures import Frame, Frames, Mixture, Noise, PointMass
from bactrian.web.schema.problems import BadCell, Problem
from bactrian.web.schema.questions import (
    Anomalies,
    AnomaliesQuery,
    EvaluateRequest,
    Evaluation,
    Odd,
    Sample,
    SampleRequest,
)
from bactrian.web.schema.requests import FitRequest, RowsToFit, SearchRequest, Settings
from bactrian.web.schema.values import Cell, Query, Value

__all__ = [
    "About",
    "Anomalies",
    "AnomaliesQuery",
    "BadCell",
    "Candidate",
    "Cell",
    "Column",
    "Dataset",
    "DatasetRows",
    "EvaluateRequest",
    "Evaluation",
    "Example",
    "ExampleData",
    "FileQuery",
    "FitProgress",
    "FitRequest",
    "FitResult",
    "Frame",
    "Frames",
    "Job",
    "KMeans",
    "LeftOut",
    "Limits",
    "Mixture",
    "Noise",
    "PointMass",
    "Note",
    "Odd",
    "PointsQuery",
    "Problem",
    "Query",
    "RowsQuery",
    "RowsToFit",
    "Sample",
    "SampleRequest",
    "SearchProgress",
    "SearchRequest",
    "SearchResult",
    "Settings",
    "Structure",
    "Table",
    "Value",
]
