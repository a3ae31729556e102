from .boundaries import read_areas, read_shapes
from .incidents import read_incidents
from .lookups import read_definitions, read_indicators, read_lookup, read_registry
from .population import read_population
from .results import read_counts, read_figures

__all__ = [
    "read_areas",
    "read_counts",
    "read_definitions",
    "read_figures",
    "read_incidents",
    "read_indicators",
    "read_lookup",
    "read_population",
    "read_registry",
    "read_shapes",
]
