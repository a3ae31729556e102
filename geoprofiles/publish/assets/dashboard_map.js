
  /* The map: one picture in SVG, the same on the screen, in print and as a file */

  const WIDE = 1000;
  const PAD = 12;
  const map = { kind: -1, svg: null, areas: [], zoom: 1, centre: null, box: null, roving: 0 };

  function corners(ring) {
    const found = [];
    let x = 0;
    let y = 0;
    for (let place = 0; place < ring.length; place += 2) {
      x += ring[place];
      y += ring[place + 1];
      found.push([x, y]);
    }
    return found;
  }

  function fitView() {
    const [west, south, east, north] = data.bounds;
    const squeeze = Math.max(Math.cos((south + north) / 2 * Math.PI / 180), 0.01);
    const wide = Math.max((east - west) * squeeze, 1e-6);
    const high = Math.max(north - south, 1e-6);
    const scale = Math.min((WIDE - 2 * PAD) / wide, 900 / high);
    map.view = { west, north, across: squeeze * scale, down: scale,
      width: Math.max(wide * scale + 2 * PAD, 400), height: high * scale + 2 * PAD };
    map.view.left = (map.view.width - wide * scale) / 2;
    map.centre = [map.view.width / 2, map.view.height / 2];
  }

  function project([x, y]) {
    const view = map.view;
    return [(x / SCALE - view.west) * view.across + view.left, (view.north - y / SCALE) * view.down + PAD];
  }

  function pathOf(shape, closed = true) {
    return shape.flatMap((part) => part.map((ring) => "M" + corners(ring).map((corner) =>
      project(corner).map((one) => one.toFixed(1)).join(" ")).join("L") + (closed ? "Z" : ""))).join("");
  }

  function boxOf(shape) {
    const all = shape.flatMap((part) => part.flatMap(corners)).map(project);
    const [xs, ys] = [0, 1].map((axis) => all.map((one) => one[axis]));
    const least = (list) => list.reduce((a, b) => Math.min(a, b), Infinity);
    const most = (list) => list.reduce((a, b) => Math.max(a, b), -Infinity);
    return [least(xs), least(ys), most(xs), most(ys)];
  }

  function buildMap() {
    if (!data.bounds) {
      byId("map-canvas").replaceChildren(make("p", "hint", "There are no outlines to draw a map of."));
      return;
    }
    fitView();
    const svg = makeSvg("svg", { class: "live-map", role: "group", "aria-describedby": "map-keys" });
    map.layers = {};
    ["grounds", "areas", "spots", "rings", "names", "marks", "scale"].forEach((name) => {
      map.layers[name] = makeSvg("g", { class: `map-${name}` });
      svg.append(map.layers[name]);
    });
    map.svg = svg;
    const tip = make("div", "tip");
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    map.tip = tip;
    byId("map-canvas").replaceChildren(svg, zoomButtons(), tip);
    data.grounds.forEach((ground) => {
      const add = (d, line) => map.layers.grounds.append(
        makeSvg("path", { class: `ground-${ground.style}${line}`, d }));
      add(ground.polygons.map((shape) => pathOf(shape)).join(""), "");
      add(ground.lines.map((shape) => pathOf(shape, false)).join(""), " line");
    });
    placeView();
    listenToDrag(svg);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") { hideTip(); } });
  }

  function zoomButtons() {
    const box = make("div", "zoom");
    [["+", "Zoom in", () => zoomTo(map.zoom * 1.6)], ["−", "Zoom out", () => zoomTo(map.zoom / 1.6)],
      ["⤢", "Show all areas", () => zoomTo(1)]].forEach(([sign, label, act]) => {
      const one = button(sign, act, "");
      one.setAttribute("aria-label", label);
      one.title = label;
      box.append(one);
    });
    return box;
  }

  function zoomTo(zoom, centre = map.centre) {
    map.zoom = Math.min(Math.max(zoom, 1), 24);
    map.centre = centre;
    placeView();
    drawNames();
    drawSpots();
    drawScale();
  }

  function placeView() {
    const [wide, high] = [map.view.width / map.zoom, map.view.height / map.zoom];
    const within = (value, half, whole) => Math.min(Math.max(value, half), whole - half);
    map.centre = [within(map.centre[0], wide / 2, map.view.width),
      within(map.centre[1], high / 2, map.view.height)];
    map.box = [map.centre[0] - wide / 2, map.centre[1] - high / 2, wide, high];
    map.svg.setAttribute("viewBox", map.box.map((one) => one.toFixed(2)).join(" "));
    map.svg.classList.toggle("zoomed", map.zoom > 1);
    hideTip();
  }

  /* So many units of the picture are a pixel of the screen, or a fair guess before it is shown */
  function unit() { return map.box[2] / (byId("map-canvas").clientWidth || 640); }

  function listenToDrag(svg) {
    let from = null;
    svg.addEventListener("pointerdown", (event) => {
      if (map.zoom > 1 && event.button === 0) { from = [event.clientX, event.clientY, ...map.centre]; }
      map.dragged = false;
    });
    window.addEventListener("pointermove", (event) => {
      if (!from) { return; }
      const [dx, dy] = [event.clientX - from[0], event.clientY - from[1]];
      if (Math.abs(dx) + Math.abs(dy) > 4) { map.dragged = true; }
      map.centre = [from[2] - dx * unit(), from[3] - dy * unit()];
      placeView();
    });
    window.addEventListener("pointerup", () => { if (from && map.dragged) { drawScale(); } from = null; });
    window.addEventListener("pointercancel", () => { from = null; });
  }

  function drawMap() {
    const row = rowNow();
    byId("map-title").textContent = finding(row);
    byId("map-about").textContent = aboutMap(row);
    drawLegend(row);
    if (!map.svg) { return; }
    if (map.kind !== state.kind) { buildAreas(); }
    map.svg.setAttribute("aria-label", `Map. ${finding(row)}. ${aboutMap(row)}`);
    const dim = state.spots >= 0;
    map.layers.areas.setAttribute("class", dim ? "map-areas dim" : "map-areas");
    map.areas.forEach((path, area) => {
      if (!path) { return; }
      const name = fillOf(row, area);
      path.setAttribute("class", `area ${name}`);
      path.setAttribute("fill", name === "k0" ? "url(#hatch)" : "none");
      path.setAttribute("aria-label", areaWords(row, area));
      path.setAttribute("aria-pressed", String(area === state.area));
    });
    ring("chosen", state.area);
    ring("compared", state.other);
    drawSpots();
    drawNames();
    drawScale();
  }

  function finding(row) {
    const values = valuesNow();
    const known = values.filter((one) => one !== null);
    if (!known.length) { return `${row.name}: ${NO_DATA}`; }
    if (state.colour !== "figure") { return `${row.name}: ${foundWords(row)}`; }
    const [low, high] = [Math.min(...known), Math.max(...known)];
    if (known.length > 1 && low === high) {
      return `${row.name}: ${withUnit(row, high)} in every ${kindNow().kind} with data`;
    }
    const tops = values.flatMap((one, place) => (one === high ? [nameOf(place)] : []));
    const more = tops.length > 2 ? `${tops.length} ${kindNow().plural}` : tops.join(" and ");
    return known.length === 1 ? `${row.name}: ${more}, ${withUnit(row, high)}`
      : `${row.name}: highest in ${more}, ${withUnit(row, high)}`;
  }

  function aboutMap(row) {
    const what = { figure: unitWords(row), verdict: "whether each differs from the rest, tested",
      change: "whether each changed since the same months a year before, tested" }[state.colour];
    return `${initial(what)}, by ${kindNow().kind}, ${row.periods[state.period]}`;
  }

  function areaWords(row, area) {
    const said = isLatest() ? testedWord(row, "verdict", area) : "";
    return `${nameOf(area)}: ${withUnit(row, at(row.v, state.period, area))}${said ? `, ${said}` : ""}`;
  }

  function fillOf(row, area) {
    const value = at(row.v, state.period, area);
    if (value === null) { return "k0"; }
    if (state.colour === "figure") { return `k${shades(row.breaks.length)[classOf(row, value)]}`; }
    const found = state.colour === "verdict" ? judged(row, area) : judgedChange(row, area);
    return found.words ? `sig-${found.key}` : "k0";
  }

  function buildAreas() {
    const { shapes, names } = kindNow();
    map.kind = state.kind;
    map.roving = 0;
    map.boxes = shapes.map((shape) => (shape.length ? boxOf(shape) : null));
    map.areas = shapes.map((shape, area) => {
      if (!shape.length) { return null; }
      const path = makeSvg("path", { d: pathOf(shape), role: "button" });
      path.addEventListener("click", () => { if (!map.dragged) { chooseArea(area); } });
      path.addEventListener("pointermove", (event) => showTip(area, event));
      path.addEventListener("pointerleave", hideTip);
      path.addEventListener("focus", () => {
        if (path.matches(":focus-visible")) { bringIntoView(area); ring("focus", area); showTip(area); }
      });
      path.addEventListener("blur", () => { hideTip(); ring("focus", -1); });
      path.addEventListener("keydown", (event) => pressOn(event, () => chooseArea(area)));
      return path;
    });
    map.layers.areas.replaceChildren(...map.areas.filter(Boolean));
    map.layers.rings.replaceChildren();
    rove(map.areas.filter(Boolean), names.length > FEW_STOPS);
  }

  /* Many areas are one stop of the Tab key; arrow keys move between them, and between few too */
  function rove(paths, single) {
    const stop = (place) => {
      if (single) { paths.forEach((path, one) => path.setAttribute("tabindex", one === place ? "0" : "-1")); }
    };
    if (!single) { paths.forEach((path) => path.setAttribute("tabindex", "0")); }
    stop(0);
    paths.forEach((path, place) => path.addEventListener("keydown", (event) => {
      const to = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1,
        ArrowUp: place - 1, Home: 0, End: paths.length - 1 }[event.key];
      if (to === undefined) { return; }
      event.preventDefault();
      const next = (to + paths.length) % paths.length;
      stop(next);
      paths[next].focus();
    }));
  }

  function bringIntoView(area) {
    if (map.zoom === 1) { return; }
    const [west, north, east, south] = map.boxes[area];
    const [x, y, wide, high] = map.box;
    if (west < x || north < y || east > x + wide || south > y + high) {
      map.centre = [(west + east) / 2, (north + south) / 2];
      placeView();
      drawNames();
    }
  }

  function ring(name, area) {
    map.layers.rings.querySelectorAll(`.ring-${name}`).forEach((one) => one.remove());
    if (area < 0 || !map.areas[area]) { return; }
    const d = map.areas[area].getAttribute("d");
    ["under", "over"].forEach((height) => map.layers.rings.append(
      makeSvg("path", { class: `ring ring-${name} ${height}`, d })));
  }

  /* A note beside the pointer or the focus: never the only place of a fact */

  function showTip(area, event) {
    const row = rowNow();
    const tip = map.tip;
    const range = limits(row, state.period, area);
    const said = isLatest() ? testedWord(row, "verdict", area) : "";
    tip.replaceChildren(make("strong", "", nameOf(area)),
      make("span", "tip-value", withUnit(row, at(row.v, state.period, area))));
    if (range) { tip.append(make("span", "tip-value", `95% limits ${range}`)); }
    if (said) { tip.append(make("span", "tip-value", said)); }
    tip.hidden = false;
    const frame = byId("map-canvas").getBoundingClientRect();
    const path = map.areas[area].getBoundingClientRect();
    const x = event ? event.clientX - frame.left : (path.left + path.right) / 2 - frame.left;
    const y = event ? event.clientY - frame.top : path.top - frame.top;
    const left = Math.min(Math.max(x - tip.offsetWidth / 2, 4), frame.width - tip.offsetWidth - 4);
    const above = y - tip.offsetHeight - 14;
    tip.style.left = `${Math.round(left)}px`;
    tip.style.top = `${Math.round(above < 4 ? Math.min(y + 18, frame.height - 10) : above)}px`;
  }

  function hideTip() { if (map.tip) { map.tip.hidden = true; } }

  /* Names where they fit; a sign beside the name says what the colour of a verdict says */

  function drawNames() {
    if (!map.svg || !map.boxes) { return; }
    const row = rowNow();
    const size = 12.5 * unit();
    const taken = map.marks ? [...map.marks] : [];
    const buttons = byId("map-canvas").querySelector(".zoom");
    if (getComputedStyle(buttons).position === "absolute") {  // no name lies under them
      const [wide, high] = [buttons.offsetLeft + buttons.offsetWidth, buttons.offsetTop + buttons.offsetHeight];
      taken.push([map.box[0], map.box[1], map.box[0] + wide * unit(), map.box[1] + high * unit()]);
    }
    const { names, anchors } = kindNow();
    const order = map.boxes.map((box, area) => [box, area]).filter(([box]) => box)
      .sort((a, b) => sizeOf(b[0]) - sizeOf(a[0]));
    const placed = [];
    order.forEach(([box, area]) => {
      const found = state.colour === "figure" ? null
        : state.colour === "verdict" ? judged(row, area) : judgedChange(row, area);
      const sign = found && found.sign ? ` ${found.sign}` : "";
      const [x, y] = project(anchors[area]);
      const forms = [[names[area] + sign]];
      if (names[area].length >= 9) { forms.push(halves(names[area], sign)); }
      for (const shift of [0, -1.6, 1.6, -2.6, 2.6]) {
        const lines = forms.find((one) => fits(one, x, y + shift * size, size, box, taken));
        if (lines) { placed.push([x, y + shift * size, lines]); break; }
      }
    });
    map.layers.names.setAttribute("font-size", size.toFixed(2));
    map.layers.names.replaceChildren(...placed.map(([x, y, lines]) => {
      const text = makeSvg("text", {});
      lines.forEach((line, place) => text.append(makeSvg("tspan", { x: x.toFixed(1),
        y: (y + (place - (lines.length - 1) / 2) * size * 1.1 + size * 0.33).toFixed(1) }, line)));
      return text;
    }));
  }

  function sizeOf(box) { return (box[2] - box[0]) * (box[3] - box[1]); }

  function halves(name, sign) {
    const words = name.split(" ");
    if (words.length < 2) { return [name + sign]; }
    let best = 1;
    const longest = (cut) => Math.max(words.slice(0, cut).join(" ").length, words.slice(cut).join(" ").length);
    for (let cut = 1; cut < words.length; cut += 1) { if (longest(cut) < longest(best)) { best = cut; } }
    return [words.slice(0, best).join(" "), words.slice(best).join(" ") + sign];
  }

  function fits(lines, x, y, size, box, taken) {
    const half = Math.max(...lines.map((one) => one.length)) * size * 0.29;
    const tall = lines.length * size * 0.55;
    const room = [x - half - size / 5, y - tall - size / 8, x + half + size / 5, y + tall + size / 8];
    if (2 * half > (box[2] - box[0]) * 0.94 || 2 * tall > box[3] - box[1]) { return false; }
    if (y - tall < box[1] || y + tall > box[3]) { return false; }
    if (taken.some((one) => hits(room, one))) { return false; }
    taken.push(room);
    return true;
  }

  function hits(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }

  /* Hot spots of the chosen question */

  function drawSpots() {
    const group = map.layers.spots;
    group.replaceChildren();
    map.layers.marks.replaceChildren();
    map.marks = [];
    if (state.spots < 0) { return; }
    const px = unit();
    data.spots[state.spots].layers.forEach((layer) => layer.shapes.forEach((shape, place) => {
      if (layer.kind === "density") {
        group.append(makeSvg("path", { class: `band ${layer.looks[place]}`, d: pathOf(shape) }));
        return;
      }
      if (layer.kind !== "clusters") { return; }
      if (!layer.single[place] && shape.length) {
        const d = pathOf(shape);
        group.append(makeSvg("path", { class: "casing", d }),
          makeSvg("path", { class: layer.looks[place] === "chance" ? "cluster chance" : "cluster", d }));
      }
      if (!layer.anchors[place] || place >= 200) { return; }
      const [x, y] = project(layer.anchors[place]);
      const text = layer.marks[place];
      const half = (4 * text.length + 8) * px;
      const room = [x - half, y - 12 * px, x + half, y + 12 * px];
      const small = map.marks.some((one) => hits(room, one));
      if (!small) { map.marks.push(room); }
      const mark = makeSvg("g", {});
      mark.append(makeSvg("title", {}, `${layer.labels[place]}: ${text} incidents`));
      mark.append(small ? makeSvg("circle", { class: "mark", cx: x, cy: y, r: 5 * px })
        : makeSvg("rect", { class: "mark", x: x - half, y: y - 11 * px, width: 2 * half,
          height: 22 * px, rx: layer.single[place] ? 0 : 11 * px }));
      if (!small) {
        mark.append(makeSvg("text", { class: "spot-text", x, y: y + 4.3 * px, "font-size": 12 * px }, text));
      }
      map.layers.marks.append(mark);
    }));
  }

  function drawScale() {
    const metres = map.box[2] / map.view.down * 111320 / 5;
    const size = 10 ** Math.floor(Math.log10(metres));
    const length = Math.max(...[1, 2, 5].map((step) => step * size).filter((one) => one <= metres));
    const across = length / 111320 * map.view.down;
    const px = unit();
    const [left, low] = [map.box[0] + 8 * px, map.box[1] + map.box[3] - 8 * px];
    map.layers.scale.replaceChildren(
      makeSvg("path", { class: "scale",
        d: `M${left} ${low - 6 * px}V${low}H${left + across}V${low - 6 * px}` }),
      makeSvg("text", { class: "scale-words", x: left + 5 * px, y: low - 5 * px, "font-size": 11.5 * px },
        length >= 1000 ? `${length / 1000} km` : `${length} m`));
  }

  /* The legend, in words and with how many areas each line holds */

  function drawLegend(row) {
    const values = valuesNow();
    const keys = state.colour === "figure" ? figureKeys(row, values) : judgedKeys(row, values);
    const missing = values.filter((one) => one === null).length;
    if (missing) { keys.push(["k0", initial(NO_DATA), missing]); }
    const list = make("ul", "keys");
    keys.forEach(([name, words, count, sign]) => {
      const line = make("li");
      line.append(swatch(name), make("span", "", sign ? `${words} ${sign}` : words));
      const { kind, plural } = kindNow();
      line.append(make("span", "count", `${count} ${count === 1 ? kind : plural}`));
      list.append(line);
    });
    const parts = [list];
    if (state.spots >= 0) { parts.push(spotKeys()); }
    if (rowNow().periods.length > 1 && state.colour === "figure") {
      parts.push(make("p", "note", "Classes are the same in every period, so that maps can be compared."));
    }
    byId("legend").replaceChildren(...parts);
  }

  function figureKeys(row, values) {
    const counts = row.breaks.map(() => 0);
    values.forEach((one) => { if (one !== null) { counts[classOf(row, one)] += 1; } });
    const ramp = shades(row.breaks.length);
    return classWords(row).map((words, place) => [`k${ramp[place]}`, words, counts[place]]);
  }

  function judgedKeys(row, values) {
    const found = new Map();
    values.forEach((value, area) => {
      if (value === null) { return; }
      const one = state.colour === "verdict" ? judged(row, area) : judgedChange(row, area);
      const words = initial(one.words || "not tested");
      const name = one.words ? `sig-${one.key}` : "k0";
      const before = found.get(words) || [name, words, 0, one.sign];
      found.set(words, [name, words, before[2] + 1, one.sign]);
    });
    const place = ([name]) => FROM_WORST.indexOf(name.replace("sig-", ""));
    return [...found.values()].sort((a, b) => place(a) - place(b) || b[2] - a[2]);
  }

  function spotKeys() {
    const list = make("ul", "keys");
    const add = (name, words) => {
      const line = make("li");
      line.append(swatch(name), make("span", "", words));
      list.append(line);
    };
    data.spots[state.spots].layers.forEach((layer) => {
      if (layer.kind === "density") {
        const seen = new Map(layer.looks.map((look, place) => [look, layer.labels[place]]));
        [...seen.keys()].sort().forEach((step) => add(step, seen.get(step)));
      } else if (layer.kind === "clusters" && layer.shapes.length) {
        if (layer.looks.includes("sure")) { add("cluster", "Cluster, with its number"); }
        if (layer.looks.includes("chance")) { add("cluster chance", "Cluster that may be chance"); }
        if (layer.of > layer.shapes.length) {
          list.append(make("li", "", `The first ${layer.shapes.length} of ${number(layer.of, 0)} clusters are drawn.`));
        }
      }
    });
    if (!list.children.length) { list.append(make("li", "", "No hot spot was found.")); }
    return list;
  }

  function swatch(name) {
    const svg = makeSvg("svg", { class: "swatch", viewBox: "0 0 26 16", "aria-hidden": "true" });
    svg.append(makeSvg("rect", { class: name, x: 1, y: 1, width: 24, height: 14,
      rx: name.startsWith("cluster") ? 5 : 0, ...(name === "k0" ? { fill: "url(#hatch)" } : {}) }));
    return svg;
  }
