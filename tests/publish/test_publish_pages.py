"""Pages without a browser: policy, escaping, determinism, words, bad input."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from io import BytesIO

import folium
import geopandas
import numpy as np
import pytest
from branca.element import Figure
from publish.city import (
    HOSTILE,
    area_layer,
    cluster_layer,
    density_layer,
    square_city,
    whole_city,
)
from shapely import Point, Polygon, box

from geoprofiles.errors import CRSError, InputError, MissingDependencyError, NetworkWarning
from geoprofiles.publish import assets, figures, shapes, style
from geoprofiles.publish.document import json_block
from geoprofiles.publish.iframe import render_iframe
from geoprofiles.publish.maps import map_areas
from geoprofiles.publish.pages import render_folder, render_page


class Reader(HTMLParser):
    """Collects elements, and the text of scripts and styles, as a browser would."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.raw, self.text = [], [], []
        self._raw = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self._raw = (tag, dict(attrs)) if tag in {"script", "style"} else None

    def handle_endtag(self, tag):
        self._raw = None

    def handle_data(self, data):
        if self._raw:
            self.raw.append((*self._raw, data))
        else:
            self.text.append(data)


def policy_of(page):
    metas = [at for tag, at in Reader(page).elements if tag == "meta"]
    return next(at["content"] for at in metas if at.get("http-equiv"))


def data_of(page):
    return json.loads(next(text for tag, at, text in Reader(page).raw if at.get("id") == "data"))


def test_the_policy_allows_exactly_our_scripts_and_styles(city_map):
    page = render_page(city_map)
    policy = policy_of(page)
    allowed = set(re.findall(r"'(sha256-[^']+)'", policy))
    found = {
        "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for tag, at, text in Reader(page).raw
        if at.get("type") != "application/json"
    }
    assert allowed == found
    assert len(found) == 4
    assert "unsafe" not in policy
    for part in (
        "default-src 'none'", "style-src-attr 'none'", "img-src data:", "connect-src 'none'",
        "base-uri 'none'", "form-action 'none'",
    ):  # fmt: skip
        assert part in policy
    assert page.index("Content-Security-Policy") < page.index("<title>") < page.index("<style>")


def test_nothing_in_a_page_points_outside_it(city_map):
    page = render_page(city_map)
    for tag, at in Reader(page).elements:
        assert tag not in {"link", "img", "iframe", "object", "base", "form"}
        assert at.get("href", "#").startswith("#")
        assert "src" not in at
        assert "style" not in at
        assert not [name for name in at if name.startswith("on")]
    for tag, _, text in Reader(page).raw:
        if tag == "style":
            assert not re.search(r"url\((?!\"?#)|@import", text)
        assert "sourceMappingURL" not in text


def test_folder_has_no_inline_script_or_style(city_map):
    files = render_folder(city_map)
    assert sorted(files) == ["index.html", "map.css", "map.js"]
    reader = Reader(files["index.html"].decode())
    assert [at["id"] for _, at, _ in reader.raw] == ["data"]
    assert ("script", {"src": "map.js"}) in reader.elements
    assert ("link", {"rel": "stylesheet", "href": "map.css"}) in reader.elements
    for name in ("map.js", "map.css"):
        assert b"BSD 2-Clause" in files[name]


def test_every_way_out_of_the_map_is_the_same_page(city_map, tmp_path):
    page = render_page(city_map)
    assert isinstance(city_map, folium.Map)
    assert city_map.get_root().render() == page
    assert city_map.render() == page
    city_map.save(str(tmp_path / "a.html"))
    assert (tmp_path / "a.html").read_bytes() == page.encode()
    stream = BytesIO()
    city_map.save(stream, close_file=False)
    assert stream.getvalue() == page.encode()
    frame = Reader(city_map._repr_html_()).elements
    assert frame[0][0] == "iframe"
    assert frame[0][1]["srcdoc"] == page
    assert len(frame) == 1
    assert city_map.get_bounds()[0][0] < city_map.get_bounds()[1][0]


def test_the_same_input_gives_the_same_bytes(city_map):
    facts = whole_city()
    again = map_areas(facts.pop("layers"), **facts)
    assert render_page(again) == render_page(city_map) == render_page(city_map)
    assert render_folder(again) == render_folder(city_map)


def test_bytes_do_not_hang_on_the_process(repository, city_map):
    code = (
        "import sys, hashlib; sys.path.insert(0, 'tests')\n"
        "from publish.city import whole_city\n"
        "from geoprofiles.publish.maps import map_areas\n"
        "facts = whole_city(); page = map_areas(facts.pop('layers'), **facts).render()\n"
        "print(hashlib.sha256(page.encode()).hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        cwd=repository, env={**os.environ, "PYTHONHASHSEED": "7"},
    )  # fmt: skip
    assert done.stdout.strip() == hashlib.sha256(render_page(city_map).encode()).hexdigest()


@pytest.mark.parametrize("add", ["child", "layer", "html", "fit", "figure"])
def test_other_folium_parts_make_another_page(add):
    page = map_areas([area_layer()], title="City")
    if add == "child":
        folium.Marker([50, -1], popup="{{ 7*7 }}").add_to(page)
    elif add == "layer":
        folium.TileLayer("OpenStreetMap").add_to(page)
    elif add == "html":
        page.get_root().html.add_child(folium.Element("<b>x</b>"))
    elif add == "fit":
        page.fit_bounds([[50, -1], [51, 0]])
    else:
        page.get_root().add_child(folium.Element("x"))
    for draw in (render_page, render_folder):
        with pytest.raises(InputError, match=r"has gained a .*hotspots"):
            draw(page)
    for draw in (lambda one: one.get_root().render(), lambda one: one._repr_html_()):
        with pytest.warns(NetworkWarning, match="not self-contained"):
            assert "cdn.jsdelivr.net" in draw(page)


def test_a_map_of_ours_in_another_figure_is_refused():
    figure = Figure()
    map_areas([area_layer()], title="City").add_to(figure)
    with pytest.raises(InputError, match="another folium figure"):
        figure.render()


def test_a_map_of_anothers_is_refused():
    with pytest.raises(InputError, match="map_areas"):
        render_page(folium.Map())


def test_hostile_text_stays_text(hostile_map):
    page = render_page(hostile_map)
    reader = Reader(page)
    allowed = {
        "html", "head", "meta", "title", "style", "body", "svg", "defs", "pattern", "rect", "path",
        "nav", "a", "header", "h1", "p", "main", "div", "fieldset", "legend", "label", "input",
        "span", "select", "option", "section", "figure", "g", "text", "tspan", "polygon", "h2",
        "ul", "li", "table", "caption", "thead", "tr", "th", "tbody", "td", "bdi", "footer",
        "script", "details", "summary",
    }  # fmt: skip
    assert {tag for tag, _ in reader.elements} <= allowed
    assert len(reader.raw) == 5
    assert not [at for _, at in reader.elements if "onerror" in at or "onload" in at]
    text = " ".join(reader.text)
    for one in ("{{ 7*7 }}", "{% for a in b %}", "${window.hacked=1}", "&lt;b&gt; &amp;"):
        assert one in text
    assert "\x00" not in page
    assert "\u2028" not in page
    json_text = next(body for _, at, body in reader.raw if at.get("id") == "data")
    assert not re.search(r"[<>&]|[^\x20-\x7e]", json_text)
    assert HOSTILE[0] in data_of(page)["geometries"][0]["names"]


def test_json_keeps_any_text_and_shows_no_sign():
    for text in (*HOSTILE, "\ud800", "\U0001f600"):
        block = json_block({"a": text})
        assert json.loads(block) == {"a": text}
        assert not set("<>&\u2028\u2029") & set(block)
        assert block.isascii()


def test_shapes_survive_packing_and_borders_stay_shared(city_map):
    data = data_of(render_page(city_map))
    assert len(data["geometries"]) == 2  # two layers of the same wards share one
    assert len(data["layers"]) == 3
    rings = data["geometries"][0]["shapes"]
    corners = [{tuple(one) for one in shapes.unpack(shape[0][0]).tolist()} for shape in rings]
    assert len(corners[0] & corners[1]) == 2
    wards = square_city().to_crs(4326)
    for ward, found in zip(wards.geometry, corners, strict=True):
        assert (
            Polygon(ward)
            .buffer(2e-5)
            .contains(geopandas.points_from_xy(*np.array(sorted(found)).T / 1e5).union_all())
        )


def test_simplifying_keeps_a_wiggly_border_in_common():
    rng = np.random.default_rng(4)
    border = [(1000 + float(rng.normal(0, 2)), y) for y in range(0, 1001, 5)]
    left = Polygon([(0, 0), *border, (0, 1000)])
    right = Polygon([(2000, 0), *border, (2000, 1000)])
    pair = geopandas.GeoSeries([left, right], crs=27700)
    simple = shapes.simplify(pair, cover=True).to_crs(27700)
    assert len(simple[0].exterior.coords) < 100
    assert simple[0].intersection(simple[1]).area < 1e-3
    assert simple.union_all().area == pytest.approx(2_000_000, rel=1e-3)


def test_page_of_17_wards_with_hot_spots_is_small(city_map):
    light = map_areas([area_layer()], hotspots=[density_layer(), cluster_layer()], title="City")
    assert len(render_page(light).encode()) < 240_000
    assert len(render_page(city_map).encode()) < 300_000


@pytest.mark.real
def test_real_wards_with_hot_spots_stay_under_400_kb(shared_data):
    wards = geopandas.read_file(shared_data / "boundaries" / "southampton_wards_2025.geojson")
    wards = wards.rename(columns={"WD25NM": "area_name"}).set_index("WD25CD")
    figures_ = square_city(len(wards)).drop(columns=["area_name", "geometry"])
    wards = wards[["area_name", "geometry"]].join(figures_.set_index(wards.index))
    layers = [area_layer(wards, name=f"Category {n}") for n in range(8)]
    page = render_page(
        map_areas(layers, hotspots=[density_layer(), cluster_layer()], title="Southampton")
    )
    assert len(page.encode()) < 400_000
    assert len(data_of(page)["geometries"]) == 1


def test_words_of_the_map(city_map):
    page = render_page(city_map)
    words = " ".join(Reader(page).text)
    assert "Highest: Ward 17, 259.1 per 1,000 residents; lowest: Ward 1, 12.3" in words
    assert "12.3 to 50.0" in words
    assert "No data" in words
    assert "no limit" in words
    assert "Not tested against chance." in words
    assert "Made-up incidents. MIT Licence. Nobody's data." in words
    assert page.count("<h1") == 1
    assert '<html lang="en-GB">' in page


def test_hot_spot_notes_stand_by_their_switch(city_map):
    page = render_page(city_map)
    controls = page[page.index('id="controls"') : page.index('id="map-part"')]
    assert "Not tested against chance." in controls
    assert "Not tested against what is at risk." in controls


ODD = {
    "one area": lambda: area_layer(square_city(1), breaks=(12.3,)),
    "no data": lambda: area_layer(square_city().assign(rate=np.nan), breaks=()),
    "one area, no data": lambda: area_layer(square_city(1).assign(rate=np.nan), breaks=()),
    "all zero": lambda: area_layer(square_city().assign(rate=0.0), breaks=(0.0,)),
    "one value": lambda: area_layer(square_city().assign(rate=5), breaks=(5.0,)),
    "huge": lambda: area_layer(
        square_city().assign(count=10**9, rate=np.arange(17) * 1e7), breaks=(8e7, 1.6e8)
    ),
    "negative": lambda: area_layer(square_city().assign(rate=np.arange(17) - 8.5), breaks=(0, 8)),
    "infinite": lambda: area_layer(
        square_city().assign(rate=[np.inf, *range(16)]), breaks=(5.0, 15.0)
    ),
    "empty shape": lambda: area_layer(
        square_city(2).set_geometry([Polygon(), box(0, 0, 9e3, 9e3)], crs=27700)
    ),
    "no shape at all": lambda: area_layer(square_city(2).set_geometry([None, None], crs=27700)),
    "missing name": lambda: area_layer(square_city(2).assign(area_name=[None, "B"])),
    "value not in columns": lambda: area_layer(columns={"count": "Incidents"}),
    "degrees": lambda: area_layer(square_city().to_crs(4326)),
}


@pytest.mark.parametrize("odd", ODD)
def test_odd_layers_are_drawn_and_say_so(odd):
    page = render_page(map_areas([ODD[odd]()], title="City"))
    words = " ".join(Reader(page).text)
    assert "NaN" not in words
    assert "nan" not in words.split()
    if "no data" in odd or odd == "infinite":
        assert "no data" in words.lower()
    if odd == "all zero":
        assert "All 17 wards: 0 per 1,000 residents" in words


def test_hot_spot_layers_without_shapes_say_so():
    none = geopandas.GeoDataFrame({"label": []}, geometry=[], crs=27700)
    for kind in ("density", "clusters"):
        layer = cluster_layer(kind=kind, shapes=none)
        page = render_page(map_areas([area_layer()], hotspots=[layer], title="City"))
        assert "none found" in page
        assert "Nothing was found." in page


def test_clusters_that_may_be_chance_are_dashed_and_the_legend_says_so():
    layer = cluster_layer()
    tested = cluster_layer(shapes=layer.shapes.assign(significant=[True, False, False]))
    page = render_page(map_areas([area_layer()], hotspots=[tested], title="City"))
    drawn = re.findall(r'<path class="(cluster[^"]*)"', page)
    assert drawn == ["cluster", "cluster chance"]
    words = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "dashed outline: may be chance 1 cluster" in words
    plain = render_page(map_areas([area_layer()], hotspots=[layer], title="City"))
    assert "of these dashed" not in plain


def test_ten_thousand_clusters_are_all_in_the_table():
    count = 10_000
    shapes_ = geopandas.GeoDataFrame(
        {"label": [f"Cluster {n}" for n in range(count)], "count": np.arange(count)[::-1]},
        geometry=[Point(440000 + n % 100 * 40, 110000 + n // 100 * 30) for n in range(count)],
        crs=27700,
    )
    layer = cluster_layer(shapes=shapes_, columns={"count": "Incidents"})
    page = render_page(map_areas([area_layer()], hotspots=[layer], title="City"))
    assert page.count("<bdi>Cluster ") == count
    assert "the first 200 are numbered" in page
    assert page.count('class="mark single"') <= 202


def break_layer(**changes):
    return lambda: map_areas([area_layer(**changes)], title="City")


@pytest.mark.parametrize(
    ("draw", "told"),
    [
        (lambda: map_areas([], title="City"), "at least one layer"),
        (lambda: map_areas([area_layer()], title="  "), "title"),
        (break_layer(value="rat"), "lack the column 'rat'"),
        (break_layer(columns={"cuont": "Count"}), "lack the column 'cuont'"),
        (break_layer(value="area_name"), "not a column of numbers"),
        (break_layer(breaks=()), "class breaks"),
        (break_layer(breaks=(5.0, 5.0)), "class breaks"),
        (lambda: map_areas([area_layer(square_city(0), breaks=())], title="C"), "no areas"),
        (
            lambda: map_areas([area_layer()], hotspots=[cluster_layer(kind="heat")], title="City"),
            "'heat'",
        ),
        (
            lambda: map_areas(
                [area_layer()],
                title="City",
                context={
                    "Shops": geopandas.GeoDataFrame(geometry=[Point(440500, 110500)], crs=27700)
                },
            ),
            "points",
        ),
    ],
)
def test_bad_input_is_told(draw, told):
    with pytest.raises(InputError, match=told):
        draw()


def test_shapes_without_a_coordinate_system_are_refused():
    bare = square_city().set_crs(None, allow_override=True)
    with pytest.raises(CRSError, match="set_crs"):
        map_areas([area_layer(bare)], title="City")


def test_input_is_left_alone():
    wards, clusters = square_city(), cluster_layer().shapes
    before, spots = wards.copy(), clusters.copy()
    map_areas([area_layer(wards)], hotspots=[cluster_layer(shapes=clusters)], title="City").render()
    assert wards.equals(before)
    assert clusters.equals(spots)


def test_the_frame_snippet():
    snippet = render_iframe("a/index.html?x=1&y=2", title='A "map" -->')
    frames = [at for tag, at in Reader(snippet).elements if tag == "iframe"]
    assert frames[0]["src"] == "a/index.html?x=1&y=2"
    assert frames[0]["title"] == 'A "map" -->'
    assert frames[0]["sandbox"] == "allow-scripts allow-downloads"
    assert frames[0]["loading"] == "lazy"
    assert len(frames) == 1  # the form without script is a comment
    assert "event.source" in snippet
    assert snippet.rstrip().endswith("-->")
    assert snippet.count("-->") == 1


@pytest.mark.parametrize(
    "src", ["", "javascript:alert(1)", " JaVaScRiPt:alert(1)", "data:text/html,x"]
)
def test_frames_of_other_schemes_are_refused(src):
    with pytest.raises(InputError, match="cannot show"):
        render_iframe(src, title="Map")
    with pytest.raises(InputError, match="title"):
        render_iframe("index.html", title=" ")


def test_a_changed_leaflet_is_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(assets, "_leaflet_folder", lambda: tmp_path)
    assets._leaflet.cache_clear()
    try:
        with pytest.raises(MissingDependencyError, match=r"lacks leaflet\.js"):
            assets.check_leaflet()
        (tmp_path / "leaflet.js").write_text("alert(1)")
        with pytest.raises(MissingDependencyError, match="sha256"):
            assets.check_leaflet()
    finally:
        assets._leaflet.cache_clear()
    monkeypatch.undo()
    assert assets.check_leaflet() == "Leaflet 1.9.3"


def test_colours_have_contrast():
    tokens = style.TOKENS
    for name in ("ink", "quiet", "accent"):
        for ground in ("paper", "ground"):
            assert style.contrast(tokens[name], tokens[ground]) >= 4.5
    assert style.contrast(tokens["cluster"], "#ffffff") >= 4.5
    for colour in (*style.RAMP[:4], tokens["nodata"]):
        assert style.contrast(tokens["border"], colour) >= 2
    light = [style.contrast(colour, "#ffffff") for colour in style.RAMP]
    assert light == sorted(light)
    for first, second in zip(style.RAMP, style.RAMP[1:], strict=False):
        assert style.contrast(first, second) >= 1.3


def test_numbers_beside_each_other_have_the_same_decimals():
    numeric, cells = figures.column_words(square_city()["rate"])
    assert numeric
    assert {len(cell.split(".")[1]) for cell in cells} == {1}


def test_importing_the_command_line_does_not_load_folium():
    code = "import sys, geoprofiles.cli.main; print('folium' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
