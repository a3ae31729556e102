"""Maps of the made-up city, and a browser that counts what a page does."""

from __future__ import annotations

import contextlib
import http.server
import shutil
import threading
from pathlib import Path

import pytest
from publish.city import HOSTILE, area_layer, cluster_layer, square_city, whole_city

from geoprofiles.model import Source

CHROMIUMS = ("chromium", "google-chrome", "chromium-browser")


@pytest.fixture(scope="session")
def city_map():
    from geoprofiles.publish.maps import map_areas

    facts = whole_city()
    return map_areas(facts.pop("layers"), **facts)


@pytest.fixture(scope="session")
def hostile_map():
    """Every text of a map is hostile."""
    from geoprofiles.publish.maps import map_areas

    wards = square_city(len(HOSTILE))
    wards["area_name"] = HOSTILE
    wards.index = [f"{n}{text}" for n, text in enumerate(HOSTILE)]
    wards["words"] = HOSTILE[::-1]
    columns = {"rate": HOSTILE[0], "words": HOSTILE[1], "count": HOSTILE[4]}
    layers = [
        area_layer(wards, name=text, kind=text, unit=text, note=text, columns=columns, value="rate")
        for text in HOSTILE[:6]
    ]
    clusters = cluster_layer().shapes
    hotspots = []
    for text in HOSTILE[:6]:
        shapes = clusters.assign(label=[text, HOSTILE[1], HOSTILE[2]])
        hotspots.append(
            cluster_layer(
                name=text, shapes=shapes, unit=text, note=text, columns={"count": HOSTILE[0]}
            )
        )
    return map_areas(
        layers,
        hotspots=hotspots,
        title=" ".join(HOSTILE[:6]),
        subtitle=HOSTILE[1],
        notes=HOSTILE,
        sources=[Source(text, text, text) for text in HOSTILE],
        context={HOSTILE[1]: square_city(1)},
    )


@pytest.fixture(scope="session")
def artefacts(repository) -> Path:
    folder = repository / "tests" / "artefacts" / "publish"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    path = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if path is None:
        pytest.skip(f"no browser: none of {', '.join(CHROMIUMS)} is installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


class Watched:
    """A page, with all it asked for, complained of, and was refused."""

    def __init__(self, context):
        self.requests, self.errors = [], []
        context.add_init_script(
            "window.violations = []; document.addEventListener('securitypolicyviolation',"
            " (event) => window.violations.push(event.violatedDirective + ' '"
            " + event.blockedURI + ' ' + event.sample));"
        )
        self.page = context.new_page()
        self.page.on("request", lambda one: self.requests.append(one.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on(
            "console",
            lambda one: self.errors.append(one.text) if one.type in {"error", "warning"} else None,
        )

    @property
    def violations(self):
        return self.page.evaluate("window.violations")


@pytest.fixture
def watch(chromium):
    """Open an address, watched; everything is closed at the end of the test."""
    with contextlib.ExitStack() as stack:

        def opened(address, *, width=1280, height=900, **options):
            context = chromium.new_context(viewport={"width": width, "height": height}, **options)
            stack.callback(context.close)
            watched = Watched(context)
            watched.page.goto(address)
            return watched

        yield opened


@pytest.fixture(scope="session")
def single(city_map, tmp_path_factory):
    """Address of the city's page as one file."""
    path = tmp_path_factory.mktemp("single") / "page.html"
    city_map.save(path)
    return path.as_uri()


@pytest.fixture(scope="session")
def serve():
    """Serve files from memory on the loopback; give the address."""
    files: dict[str, tuple[bytes, str | None]] = {}
    kinds = {
        "html": "text/html; charset=utf-8", "js": "text/javascript", "css": "text/css",
        "svg": "image/svg+xml", "png": "image/png",
    }  # fmt: skip

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            found = files.get(self.path)
            self.send_response(200 if found else 404)
            if found:
                self.send_header("Content-Type", kinds[self.path.rsplit(".", 1)[-1]])
                if found[1]:
                    self.send_header("Content-Security-Policy", found[1])
            self.end_headers()
            self.wfile.write(found[0] if found else b"")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def add(name, content, policy=None):
        files[f"/{name}"] = (content, policy)
        return f"http://127.0.0.1:{server.server_port}/{name}"

    yield add
    server.shutdown()
