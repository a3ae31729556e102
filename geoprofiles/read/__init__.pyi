from .boundaries import read_areas, read_shapes
from .codelists import read_code_list, read_parts, read_texts, read_weights
from .definitions import read_declarations, read_definitions
from .figure_tables import read_tables
from .gazetteer import read_gazetteer
from .incidents import read_incidents
from .indicators import read_indicators
from .logo import read_logo
from .lookups import read_lookup, read_registry
from .people import read_people
from .population import read_population
from .postcodes import read_postcodes
from .results import read_counts, read_figures
from .review import read_review
from .standings import read_breaks, read_ranks, read_similar_places
from .strategy import read_strategy
from .streets import read_streets
from .topics import read_harm, read_topics
from .uprns import read_uprns

__all__ = [
    "read_areas",
    "read_breaks",
    "read_code_list",
    "read_counts",
    "read_declarations",
    "read_definitions",
    "read_figures",
    "read_gazetteer",
    "read_harm",
    "read_incidents",
    "read_indicators",
    "read_logo",
    "read_lookup",
    "read_parts",
    "read_people",
    "read_population",
    "read_postcodes",
    "read_ranks",
    "read_registry",
    "read_review",
    "read_shapes",
    "read_similar_places",
    "read_strategy",
    "read_streets",
    "read_tables",
    "read_texts",
    "read_topics",
    "read_uprns",
    "read_weights",
]
