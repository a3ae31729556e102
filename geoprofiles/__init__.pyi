from .areas.change import change_between
from .areas.classes import class_breaks
from .areas.code_check import check_codes
from .areas.codes import need_same_codes, recognise_codes
from .areas.compare import compare
from .areas.counts import count_by_area, count_tally, reconcile, reconcile_tally
from .areas.crosswalk import crosswalk_from_lookup, crosswalk_from_points, crosswalk_from_shapes
from .areas.grouping import group_areas
from .areas.index_build import build_index
from .areas.locate import locate
from .areas.nesting import nest, sum_to_areas
from .areas.rates import crude_rate, indicator_values, proportion, rate_by_area
from .areas.reaggregate import reaggregate
from .areas.rest import compare_with_rest
from .areas.tally import add_tallies, tally_incidents
from .errors import (
    CRSError,
    GeoprofilesError,
    InputError,
    InputWarning,
    MissingDependencyError,
    OutputError,
)
from .geocoding.doubts import doubtful_coordinates
from .geocoding.geocode import geocode, geocoding_accuracy, match_rates
from .geocoding.ladder import Ladder
from .geocoding.review import learn_gazetteer, review_list
from .hotspots.clusters import hotspot_clusters, suggest_clusters
from .hotspots.density import density_bands, hotspot_kde, suggest_bandwidth
from .hotspots.grid import grid_over
from .hotspots.places import distinct_places
from .pipeline import run
from .profile import build_profile
from .project import read_project
from .publish.maps import map_areas
from .publish.pages import render_folder, render_iframe, render_page
from .read import (
    read_areas,
    read_gazetteer,
    read_incidents,
    read_indicators,
    read_lookup,
    read_population,
    read_postcodes,
    read_review,
    read_uprns,
)
from .reduction.cluster import tally_collection, tally_on_cluster
from .reduction.files import tally_files
from .reduction.index_file import keep_index
from .sample import make_sample, write_sample

__all__ = [
    "CRSError",
    "GeoprofilesError",
    "InputError",
    "InputWarning",
    "Ladder",
    "MissingDependencyError",
    "OutputError",
    "add_tallies",
    "build_index",
    "build_profile",
    "change_between",
    "check_codes",
    "class_breaks",
    "compare",
    "compare_with_rest",
    "count_by_area",
    "count_tally",
    "crosswalk_from_lookup",
    "crosswalk_from_points",
    "crosswalk_from_shapes",
    "crude_rate",
    "density_bands",
    "distinct_places",
    "doubtful_coordinates",
    "geocode",
    "geocoding_accuracy",
    "grid_over",
    "group_areas",
    "hotspot_clusters",
    "hotspot_kde",
    "indicator_values",
    "keep_index",
    "learn_gazetteer",
    "locate",
    "make_sample",
    "map_areas",
    "match_rates",
    "need_same_codes",
    "nest",
    "proportion",
    "rate_by_area",
    "read_areas",
    "read_gazetteer",
    "read_incidents",
    "read_indicators",
    "read_lookup",
    "read_population",
    "read_postcodes",
    "read_project",
    "read_review",
    "read_uprns",
    "reaggregate",
    "recognise_codes",
    "reconcile",
    "reconcile_tally",
    "render_folder",
    "render_iframe",
    "render_page",
    "review_list",
    "run",
    "suggest_bandwidth",
    "suggest_clusters",
    "sum_to_areas",
    "tally_collection",
    "tally_files",
    "tally_incidents",
    "tally_on_cluster",
    "write_sample",
]
