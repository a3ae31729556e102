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
from .areas.neighbours import neighbours
from .areas.nesting import nest, sum_to_areas
from .areas.rates import crude_rate, proportion, rate_by_area
from .areas.reaggregate import reaggregate
from .areas.rest import compare_with_rest
from .areas.rules import compare_by_rule
from .areas.tally import add_tallies, tally_incidents
from .errors import (
    CRSError,
    GeoprofilesError,
    InputError,
    InputWarning,
    MissingDependencyError,
    NetworkWarning,
    OutputError,
)
from .geocoding.doubts import doubtful_coordinates
from .geocoding.geocode import geocode, geocoding_accuracy, match_rates
from .geocoding.ladder import Ladder
from .geocoding.review import learn_gazetteer, review_list
from .hotspots.accuracy import accuracy_curve
from .hotspots.adaptive import adaptive_kde
from .hotspots.aoristic import aoristic_hours, shift_weights
from .hotspots.at_risk import at_risk_from_areas, at_risk_on_places
from .hotspots.bandwidths import bandwidth_likelihood, bandwidth_nrd
from .hotspots.cluster_methods import hotspot_hdbscan, hotspot_optics
from .hotspots.cluster_settings import suggest_clusters, suggest_tested_clusters
from .hotspots.clusters import hotspot_clusters
from .hotspots.concentration import gini, lorenz_curve, place_concentration
from .hotspots.density import density_bands, hotspot_kde, suggest_bandwidth
from .hotspots.displacement import displacement_difference
from .hotspots.emerging import emerging_hot_spots, space_time_cube
from .hotspots.excess import excess_over_risk
from .hotspots.forward import forward_test
from .hotspots.forward_accuracy import forward_accuracy
from .hotspots.grid import grid_over
from .hotspots.harm import harm_places, harm_share
from .hotspots.local_statistics import getis_ord, local_moran
from .hotspots.mann_kendall import mann_kendall
from .hotspots.near_chains import near_repeat_chains
from .hotspots.near_repeats import near_repeats
from .hotspots.network_density import network_kde
from .hotspots.places import distinct_places
from .hotspots.relative_risk import relative_risk
from .hotspots.repeat_victims import days_to_next, repeat_table
from .hotspots.resolution import answerable, data_resolution
from .hotspots.scan import scan_bernoulli, scan_poisson
from .hotspots.scan_time import scan_space_time
from .hotspots.significance import significant_clusters
from .hotspots.similarity import andresen_s, change_in_cells
from .hotspots.st_dbscan import hotspot_st_dbscan
from .hotspots.st_significance import significant_st_dbscan
from .hotspots.standing import compare_clusters
from .hotspots.street_ranks import rank_streets, street_runs
from .hotspots.streets import count_on_streets
from .hotspots.tolerance import tolerance_contours
from .hotspots.units import count_places
from .hotspots.weights import neighbour_weights
from .indicators.attention import worse_and_worsening
from .indicators.benchmark import benchmarks, denominators_side_by_side, quintiles, similar_places
from .indicators.breaks import find_breaks
from .indicators.check import check_indicators
from .indicators.control import control_chart, control_charts
from .indicators.funnel import funnel, overdispersion
from .indicators.inequality import by_quintile, concentration, slope_index
from .indicators.measures import (
    design_effect,
    harm_rate,
    location_quotients,
    mean_with_limits,
    median_with_limits,
    survey_proportion,
)
from .indicators.months import forecast, rolling_year, season
from .indicators.printed import check_printed
from .indicators.priorities import prioritise
from .indicators.scorecard import scorecard
from .indicators.spine import spine_positions
from .indicators.standardise import life_expectancy, standardised_rate, standardised_ratio
from .indicators.trend import trends
from .indicators.values import indicator_values
from .pipeline import profile_areas, run
from .profile import build_profile
from .project import read_project
from .publish.charts import (
    Paint,
    chart_comparators,
    chart_control,
    chart_funnel,
    chart_matrix,
    chart_places,
    chart_pyramid,
    chart_quintiles,
    chart_ranked,
    chart_spine,
    chart_trend,
    chart_week,
    comparator_rows,
    funnel_rows,
    pyramid_rows,
    ranked_rows,
    render_png,
    render_svg,
    spine_rows,
    trend_rows,
)
from .publish.dashboard import DashboardKind, build_dashboard
from .publish.iframe import render_iframe
from .publish.look import Look
from .publish.maps import map_areas
from .publish.maps_areas import map_changes, map_rates, map_significance
from .publish.maps_panels import map_before_after, map_periods, map_two_periods
from .publish.maps_spots import (
    map_clusters,
    map_density,
    map_emerging,
    map_local,
    map_points,
    map_risk,
)
from .publish.pages import (
    render_folder,
    render_fragment,
    render_page,
    with_look,
)
from .publish.parts import Dashboard
from .publish.profile_page import profile_document
from .publish.stills import chart_map
from .read import (
    read_areas,
    read_breaks,
    read_declarations,
    read_definitions,
    read_gazetteer,
    read_harm,
    read_incidents,
    read_indicators,
    read_logo,
    read_lookup,
    read_people,
    read_population,
    read_postcodes,
    read_ranks,
    read_review,
    read_similar_places,
    read_strategy,
    read_streets,
    read_tables,
    read_topics,
    read_uprns,
)
from .reduction.cluster import tally_collection, tally_on_cluster
from .reduction.files import tally_files
from .reduction.index_file import keep_index
from .sample import make_sample, write_sample

__all__ = [
    "CRSError",
    "Dashboard",
    "DashboardKind",
    "GeoprofilesError",
    "InputError",
    "InputWarning",
    "Ladder",
    "Look",
    "MissingDependencyError",
    "NetworkWarning",
    "OutputError",
    "Paint",
    "accuracy_curve",
    "adaptive_kde",
    "add_tallies",
    "andresen_s",
    "answerable",
    "aoristic_hours",
    "at_risk_from_areas",
    "at_risk_on_places",
    "bandwidth_likelihood",
    "bandwidth_nrd",
    "benchmarks",
    "build_dashboard",
    "build_index",
    "build_profile",
    "by_quintile",
    "change_between",
    "change_in_cells",
    "chart_comparators",
    "chart_control",
    "chart_funnel",
    "chart_map",
    "chart_matrix",
    "chart_places",
    "chart_pyramid",
    "chart_quintiles",
    "chart_ranked",
    "chart_spine",
    "chart_trend",
    "chart_week",
    "check_codes",
    "check_indicators",
    "check_printed",
    "class_breaks",
    "comparator_rows",
    "compare",
    "compare_by_rule",
    "compare_clusters",
    "compare_with_rest",
    "concentration",
    "control_chart",
    "control_charts",
    "count_by_area",
    "count_on_streets",
    "count_places",
    "count_tally",
    "crosswalk_from_lookup",
    "crosswalk_from_points",
    "crosswalk_from_shapes",
    "crude_rate",
    "data_resolution",
    "days_to_next",
    "denominators_side_by_side",
    "density_bands",
    "design_effect",
    "displacement_difference",
    "distinct_places",
    "doubtful_coordinates",
    "emerging_hot_spots",
    "excess_over_risk",
    "find_breaks",
    "forecast",
    "forward_accuracy",
    "forward_test",
    "funnel",
    "funnel_rows",
    "geocode",
    "geocoding_accuracy",
    "getis_ord",
    "gini",
    "grid_over",
    "group_areas",
    "harm_places",
    "harm_rate",
    "harm_share",
    "hotspot_clusters",
    "hotspot_hdbscan",
    "hotspot_kde",
    "hotspot_optics",
    "hotspot_st_dbscan",
    "indicator_values",
    "keep_index",
    "learn_gazetteer",
    "life_expectancy",
    "local_moran",
    "locate",
    "location_quotients",
    "lorenz_curve",
    "make_sample",
    "mann_kendall",
    "map_areas",
    "map_before_after",
    "map_changes",
    "map_clusters",
    "map_density",
    "map_emerging",
    "map_local",
    "map_periods",
    "map_points",
    "map_rates",
    "map_risk",
    "map_significance",
    "map_two_periods",
    "match_rates",
    "mean_with_limits",
    "median_with_limits",
    "near_repeat_chains",
    "near_repeats",
    "need_same_codes",
    "neighbour_weights",
    "neighbours",
    "nest",
    "network_kde",
    "overdispersion",
    "place_concentration",
    "prioritise",
    "profile_areas",
    "profile_document",
    "proportion",
    "pyramid_rows",
    "quintiles",
    "rank_streets",
    "ranked_rows",
    "rate_by_area",
    "read_areas",
    "read_breaks",
    "read_declarations",
    "read_definitions",
    "read_gazetteer",
    "read_harm",
    "read_incidents",
    "read_indicators",
    "read_logo",
    "read_lookup",
    "read_people",
    "read_population",
    "read_postcodes",
    "read_project",
    "read_ranks",
    "read_review",
    "read_similar_places",
    "read_strategy",
    "read_streets",
    "read_tables",
    "read_topics",
    "read_uprns",
    "reaggregate",
    "recognise_codes",
    "reconcile",
    "reconcile_tally",
    "relative_risk",
    "render_folder",
    "render_fragment",
    "render_iframe",
    "render_page",
    "render_png",
    "render_svg",
    "repeat_table",
    "review_list",
    "rolling_year",
    "run",
    "scan_bernoulli",
    "scan_poisson",
    "scan_space_time",
    "scorecard",
    "season",
    "shift_weights",
    "significant_clusters",
    "significant_st_dbscan",
    "similar_places",
    "slope_index",
    "space_time_cube",
    "spine_positions",
    "spine_rows",
    "standardised_rate",
    "standardised_ratio",
    "street_runs",
    "suggest_bandwidth",
    "suggest_clusters",
    "suggest_tested_clusters",
    "sum_to_areas",
    "survey_proportion",
    "tally_collection",
    "tally_files",
    "tally_incidents",
    "tally_on_cluster",
    "tolerance_contours",
    "trend_rows",
    "trends",
    "with_look",
    "worse_and_worsening",
    "write_sample",
]
