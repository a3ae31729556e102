/* The script of a map page. A constant file: data come from the JSON block and from the tables
   of the page, and every text of theirs is set as text, never as HTML. */
(() => {
  "use strict";

  const SCALE = 1e5;
  const FEW_STOPS = 40;
  const MARK_HEIGHT = 26;
  const MANY_OUTLINES = 300;
  const LETTER_ROOM = 13;
  const NEAR = 1;
  const SVG = "http://www.w3.org/2000/svg";

  const data = JSON.parse(byId("data").textContent);
  const reduced = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const state = { layer: 0, geometry: -1, chosen: null, map: null, areas: [], moved: false };
  const overlays = data.overlays.map(() => ({ shown: false, group: null, markers: [] }));
  const areaTables = data.layers.map((_, place) => readTable(`table-${place}`));
  const spotTables = data.overlays.map((_, place) => readTable(`spot-table-${place}`));
  let tip = null;
  let rings = {};

  start();

  function start() {
    document.documentElement.classList.add("live");
    document.querySelectorAll(".live[hidden]").forEach((part) => { part.hidden = false; });
    [...areaTables, ...spotTables].forEach((table) => { addSorting(table); addDownload(table); });
    if (data.bounds) { buildMap(); } else { byId("map").hidden = true; }
    listenToControls();
    showLayer(checkedLayer());
    data.overlays.forEach((_, place) => {
      const box = document.querySelector(`input[name="overlay"][value="${place}"]`);
      showOverlay(place, box.checked);
    });
    refresh();
    leadWithin();
    tellHeight();
  }

  /* Where a host writes the page into a frame, links within it would load the host instead */
  function leadWithin() {
    if (window.location.protocol !== "about:") { return; }
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      const part = link && byId(link.hash.slice(1));
      if (part) { event.preventDefault(); part.scrollIntoView(); part.focus(); }
    });
  }

  /* Small helpers */

  function byId(id) { return document.getElementById(id); }

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) { element.className = className; }
    if (text !== undefined) { element.textContent = text; element.dir = "auto"; }
    return element;
  }

  function makeSvg(tag, attributes, text) {
    const element = document.createElementNS(SVG, tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    if (text !== undefined) { element.textContent = text; }
    return element;
  }

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

  function toLatLng(corner) { return [corner[1] / SCALE, corner[0] / SCALE]; }

  function latLngs(shape) {
    return shape.map((part) => part.map((ring) => corners(ring).map(toLatLng)));
  }

  function boxOf(shape) {
    const all = shape.flatMap((part) => part.flatMap(corners));
    const xs = all.map((one) => one[0]);
    const ys = all.map((one) => one[1]);
    const least = (values) => values.reduce((a, b) => Math.min(a, b));
    const most = (values) => values.reduce((a, b) => Math.max(a, b));
    return [least(xs), least(ys), most(xs), most(ys)];
  }

  /* The map */

  function buildMap() {
    const map = L.map(byId("map"), {
      attributionControl: false,
      dragging: !L.Browser.mobile,
      fadeAnimation: !reduced,
      inertia: !reduced,
      markerZoomAnimation: !reduced,
      maxZoom: 18,
      scrollWheelZoom: false,
      zoomAnimation: !reduced,
      zoomControl: false,
      zoomSnap: 0.25,
    });
    state.map = map;
    state.bounds = L.latLngBounds(
      [data.bounds[1], data.bounds[0]], [data.bounds[3], data.bounds[2]]);
    state.renderers = {};
    [["grounds", 350], ["areas", 400], ["ways", 410], ["bands", 420], ["outlines", 430], ["rings", 440],
      ["names", 450]].forEach(([name, height]) => {
      map.createPane(name).style.zIndex = String(height);
      map.getPane(name).classList.add(`pane-${name}`);
      if (name !== "names") { state.renderers[name] = L.svg({ pane: name, padding: 0.5 }); }
    });
    L.control.zoom({ zoomInTitle: "Zoom in", zoomOutTitle: "Zoom out" }).addTo(map);
    addResetControl(map);
    L.control.scale({ imperial: false, maxWidth: 120 }).addTo(map);
    map.setMaxBounds(state.bounds.pad(0.75));
    fit();
    map.on("dragend", () => { state.moved = true; });
    map.on("zoomstart", () => { state.moved = state.moved || !state.fitting; });
    map.on("zoomend", () => { showMinor(); thinMarkers(); drawNames(); hideTip(); });
    map.on("movestart", hideTip);
    map.on("moveend", leaveTip);
    if (data.tiles) {
      map.getContainer().classList.add("tiled");
      L.tileLayer(data.tiles, { maxZoom: 19 }).addTo(map);
    }
    drawGrounds();
    rings = { chosen: makeRing("chosen"), at: makeRing("at"), focus: makeRing("focus") };
    tip = make("div", "tip");
    tip.hidden = true;
    tip.setAttribute("aria-hidden", "true");
    map.getContainer().append(tip);
    new ResizeObserver(onResize).observe(map.getContainer());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { dropTip(); }
    });
  }

  function fit() {
    state.fitting = true;
    state.map.setMinZoom(0);
    const narrow = state.map.getSize().x < 480;  // there the buttons stand in a row above the areas
    state.map.fitBounds(state.bounds, {
      animate: false, paddingTopLeft: [10, narrow ? 50 : 10], paddingBottomRight: [10, narrow ? 26 : 10],
    });
    state.map.setMinZoom(Math.max(state.map.getZoom() - 1, 0));
    state.fitting = false;
    state.moved = false;
  }

  function onResize() {
    state.map.invalidateSize({ animate: false, pan: false });
    if (!state.moved) { fit(); }
    thinMarkers();
    drawNames();
  }

  function addResetControl(map) {
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const box = make("div", "leaflet-bar leaflet-control reset");
      const button = make("button");
      button.type = "button";
      button.title = "Show all areas";
      button.setAttribute("aria-label", "Show all areas");
      const icon = makeSvg("svg", { viewBox: "0 0 16 16", "aria-hidden": "true" });
      icon.append(makeSvg("path", { d: "M2 6V2H6M10 2H14V6M14 10V14H10M6 14H2V10" }));
      button.append(icon);
      button.addEventListener("click", () => { fit(); drawNames(); });
      L.DomEvent.disableClickPropagation(box);
      box.append(button);
      return box;
    };
    control.addTo(map);
  }

  function drawGrounds() {
    data.grounds.forEach((ground) => {
      // One path for all outlines and one for all lines: thousands of streets stay quick.
      const options = (line, pane) => ({
        className: `ground-${ground.style}${line}`, fillRule: "nonzero", interactive: false, pane,
        renderer: state.renderers[pane], smoothFactor: 0,
      });
      if (ground.polygons.length) {
        L.polygon(ground.polygons.flatMap(latLngs), options("", "grounds")).addTo(state.map);
      }
      if (ground.lines.length) {
        const lines = ground.lines.flatMap((shape) => shape.flatMap((part) => part.map((ring) =>
          corners(ring).map(toLatLng))));
        L.polyline(lines, options(" line", "ways")).addTo(state.map);
      }
    });
    showMinor();
  }

  /* Minor roads are seen from near alone */
  function showMinor() {
    const near = state.map.getZoom() >= state.map.getBoundsZoom(state.bounds) + NEAR;
    state.map.getPane("ways").classList.toggle("near", near);
  }

  function makeRing(name) {
    return ["under", "over"].map((height) => L.polygon([], {
      className: `ring ring-${name} ${height}`, fill: false, interactive: false, pane: "rings",
      renderer: state.renderers.rings, smoothFactor: 0,
    }).addTo(state.map));
  }

  function setRing(name, shape) {
    (rings[name] || []).forEach((ring) => ring.setLatLngs(shape ? latLngs(shape) : []));
  }

  /* Areas */

  function showLayer(place) {
    const layer = data.layers[place];
    const changed = layer.geometry !== state.geometry;
    state.layer = place;
    if (changed) {
      state.geometry = layer.geometry;
      clearChoice();
      fillFind();
      if (state.map) { drawAreas(); }
    }
    if (state.map) {
      colourAreas();
      byId("map").setAttribute("aria-label", layer.caption);
      byId("map").setAttribute("aria-describedby", `summary-${place} keys-help`);
    }
    data.layers.forEach((_, other) => {
      byId(`legend-${other}`).hidden = other !== place;
      byId(`table-${other}`).hidden = other !== place;
    });
    if (state.chosen && state.chosen.kind === "area") { chooseArea(state.chosen.place); }
  }

  function drawAreas() {
    const geometry = data.geometries[state.geometry];
    state.areas.forEach((area) => area && area.remove());
    setRing("at", null);
    setRing("focus", null);
    state.areas = geometry.shapes.map((shape, place) => {
      if (!shape.length) { return null; }
      const area = L.polygon(latLngs(shape), {
        className: "area", pane: "areas", renderer: state.renderers.areas, smoothFactor: 0,
      }).addTo(state.map);
      const element = area.getElement();
      element.setAttribute("role", "button");
      element.dataset.area = String(place);
      area.on("click", () => chooseArea(place));
      element.addEventListener("pointermove", (event) => {
        if (event.pointerType !== "touch") { tipAtPointer(areaTip(place), event); }
        setRing("at", shape);
      });
      element.addEventListener("pointerleave", () => { leaveTip(); setRing("at", null); });
      element.addEventListener("focus", () => {
        if (!element.matches(":focus-visible")) { return; }
        bringIntoView(geometry.anchors[place]);
        setRing("focus", shape);
        holdTip(() => tipBeside(areaTip(place), boxOf(shape)));
      });
      element.addEventListener("blur", () => { dropTip(); setRing("focus", null); });
      element.addEventListener("keydown", (event) => pressOn(event, () => chooseArea(place)));
      return area;
    });
    rove(state.areas.filter(Boolean).map((area) => area.getElement()));
  }

  function colourAreas() {
    const layer = data.layers[state.layer];
    const names = data.geometries[state.geometry].names;
    state.areas.forEach((area, place) => {
      if (!area) { return; }
      const element = area.getElement();
      element.setAttribute("class", `area ${layer.looks[place]} leaflet-interactive`);
      element.setAttribute("fill", layer.looks[place] === "k0" ? "url(#hatch)" : "none");
      element.setAttribute("aria-label", `${names[place]}: ${layer.values[place]}`);
    });
  }

  /* Up to 40 stops are reached by Tab; beyond that one is, and the arrow keys do the rest. */
  function rove(elements) {
    elements.forEach((element, place) => {
      element.setAttribute("tabindex", elements.length <= FEW_STOPS || place === 0 ? "0" : "-1");
      element.addEventListener("keydown", (event) => {
        const last = elements.length - 1;
        const next = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1,
          ArrowUp: place - 1, Home: 0, End: last }[event.key];
        if (next === undefined) { return; }
        event.preventDefault();
        event.stopPropagation();
        const goal = elements[(next + elements.length) % elements.length];
        if (elements.length > FEW_STOPS) {
          elements.forEach((one) => one.setAttribute("tabindex", one === goal ? "0" : "-1"));
        }
        goal.focus({ focusVisible: true });
      });
    });
  }

  function pressOn(event, act) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      act();
    }
  }

  function bringIntoView(anchor) {
    const place = toLatLng(anchor);
    if (!state.map.getBounds().contains(place)) { state.map.panTo(place, { animate: false }); }
  }

  /* Place names: the largest areas first, none over another nor over a marker */

  function drawNames() {
    if (!state.map || state.geometry < 0) { return; }
    if (state.names) { state.names.remove(); }
    const font = `600 ${12 * textScale()}px ${getComputedStyle(document.body).fontFamily}`;
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = font;
    const project = (corner) => {
      const point = state.map.latLngToLayerPoint(toLatLng(corner));
      return [point.x, point.y];
    };
    const signs = cellSigns(project);
    const placed = placeNames(project, {
      height: 15 * textScale(), taken: [...markerRooms(project), ...signs.map(signRoom)],
      width: (text) => pen.measureText(text).width,
    });
    const written = [...placed.map((one) => [...one, "name"]), ...signs];
    state.names = L.layerGroup(written.map(([x, y, lines, look]) => {
      const words = make("span", look);
      lines.forEach((line) => words.append(make("span", "", line)));
      words.setAttribute("aria-hidden", "true");
      return L.marker(state.map.layerPointToLatLng([x, y]), {
        icon: L.divIcon({ className: "name-place", html: words, iconSize: [0, 0] }),
        interactive: false, keyboard: false, pane: "names",
      });
    })).addTo(state.map);
  }

  /* The signs of cells that are switched on and large enough to bear one */
  function cellSigns(project, least = LETTER_ROOM * textScale()) {
    return data.overlays.flatMap((one, place) => {
      if (one.kind !== "cells" || !overlays[place].shown) { return []; }
      return one.anchors.flatMap((anchor, cell) => {
        if (!anchor || !one.marks[cell]) { return []; }
        const [x, y] = project(anchor);
        const side = y - project([anchor[0], anchor[1] + one.sides[cell]])[1];
        return side < least ? [] : [[x, y, [one.marks[cell]], "sign"]];
      });
    });
  }

  function signRoom([x, y]) { return [x - 7, y - 7, x + 7, y + 7]; }

  /* How much larger than usual the reader's text is */
  function textScale() {
    return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
  }

  function markerRooms(project) {
    const marks = shownMarks();
    const small = crowded(marks, project, textScale());
    return marks.map((mark, place) => markRoom(mark, project, small[place], textScale()));
  }

  /* The numbered marks that are switched on, as [anchor, text, marker, whether single] */
  function shownMarks() {
    return overlays.flatMap((overlay, place) => (overlay.shown ? overlay.markers : [])
      .map(({ marker, spot }) => [data.overlays[place].anchors[spot],
        data.overlays[place].marks[spot], marker, data.overlays[place].single[spot]]));
  }

  function markRoom([anchor, text], project, small, scale = 1) {
    const [x, y] = project(anchor);
    const half = scale * (small ? 7 : Math.max(14, 4 * text.length + 7));
    const tall = scale * (small ? 7 : 14);
    return [x - half, y - tall, x + half, y + tall];
  }

  /* Marks that would lie on an earlier one shrink to a dot without its number */
  function crowded(marks, project, scale = 1) {
    const taken = [];
    return marks.map((mark) => {
      const room = markRoom(mark, project, false, scale);
      const small = taken.some((other) => hit(room, other));
      taken.push(small ? markRoom(mark, project, true, scale) : room);
      return small;
    });
  }

  function thinMarkers() {
    const marks = shownMarks();
    const small = crowded(marks, (corner) => {
      const point = state.map.latLngToLayerPoint(toLatLng(corner));
      return [point.x, point.y];
    }, textScale());
    marks.forEach(([, , marker], place) => {
      marker.setZIndexOffset(small[place] ? 0 : 1000);
      marker.getElement().classList.toggle("small", small[place]);
    });
  }

  function placeNames(project, { height, taken, width }) {
    const geometry = data.geometries[state.geometry];
    const { signs } = data.layers[state.layer];
    const rooms = geometry.names.map((plain, place) => {
      const name = signs[place] ? `${signs[place]} ${plain}` : plain;
      if (!geometry.shapes[place].length) { return null; }
      const box = boxOf(geometry.shapes[place]);
      const [left, bottom] = project([box[0], box[1]]);
      const [right, top] = project([box[2], box[3]]);
      return { name, sign: signs[place] || "", anchor: geometry.anchors[place], wide: right - left, high: bottom - top };
    }).filter(Boolean);
    rooms.sort((a, b) => b.wide * b.high - a.wide * a.high);
    const placed = [];
    rooms.forEach((room) => {
      const [x, y] = project(room.anchor);
      const moved = [0, -1.4, 1.4, -2.2, 2.2].map((times) => times * height)
        .filter((shift) => Math.abs(shift) < room.high * 0.3);
      const forms = moved.flatMap((shift) => (room.name.length < 9 ? [[[room.name], shift]]
        : [[[room.name], shift], [splitName(room.name), shift]]));
      // Where a name has no room its sign may have, which says the same as the colour.
      if (room.sign) { forms.push([[room.sign], 0]); }
      forms.some(([lines, shift]) => {
        const half = Math.max(...lines.map(width)) / 2;
        const tall = (lines.length * height) / 2;
        const needed = [x - half - 3, y + shift - tall - 1, x + half + 3, y + shift + tall + 1];
        const fits = 2 * half < room.wide * 0.92 && 2 * tall < room.high
          && !taken.some((other) => hit(needed, other));
        if (fits) {
          taken.push(needed);
          placed.push([x, y + shift, lines]);
        }
        return fits;
      });
    });
    return placed;
  }

  function hit(a, b) { return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3]; }

  function splitName(name) {
    let best = -1;
    for (let place = 0; place < name.length; place += 1) {
      const nearer = Math.abs(place - name.length / 2) < Math.abs(best - name.length / 2);
      if (name[place] === " " && (best < 0 || nearer)) { best = place; }
    }
    return best < 0 ? [name] : [name.slice(0, best), name.slice(best + 1)];
  }

  /* Hot spots */

  function showOverlay(place, shown) {
    const overlay = overlays[place];
    overlay.shown = shown;
    byId(`spot-legend-${place}`).hidden = !shown;
    byId(`spot-table-${place}`).hidden = !shown;
    if (!state.map) { return; }
    if (!overlay.group) { overlay.group = drawOverlay(place, overlay); }
    if (shown) {
      overlay.group.addTo(state.map);
      labelMarkers(place, overlay);
    } else {
      overlay.group.remove();
      if (state.chosen && state.chosen.kind === "spot" && state.chosen.overlay === place) {
        clearChoice();
      }
    }
    const dim = data.overlays.some((one, other) => one.kind !== "clusters" && overlays[other].shown);
    state.map.getPane("areas").classList.toggle("dim", dim);
  }

  /* What may be chance is dashed */
  function clusterNames(spots, spot) {
    return ["casing", spots.looks[spot] === "chance" ? "cluster chance" : "cluster"];
  }

  function fillName(spots, spot) {
    return `${spots.kind === "density" ? "band" : "cell"} ${spots.looks[spot]}`;
  }

  /* Outlines of a look as one path each where they are many: thousands of paths are slow */
  function pathsOf(spots) {
    const drawn = spots.shapes.map((shape, spot) => spot)
      .filter((spot) => spots.shapes[spot].length && spots.single[spot] !== true);
    if (spots.kind !== "clusters") {
      return drawn.map((spot) => [fillName(spots, spot), spots.shapes[spot]]);
    }
    if (drawn.length <= MANY_OUTLINES) {
      return drawn.flatMap((spot) => clusterNames(spots, spot)
        .map((name) => [name, spots.shapes[spot]]));
    }
    const looks = [["casing", drawn], ...["chance", "sure"].map((look) => [
      look === "sure" ? "cluster" : "cluster chance",
      drawn.filter((spot) => spots.looks[spot] === look)])];
    return looks.map(([name, some]) => [name, some.flatMap((spot) => spots.shapes[spot])]);
  }

  function drawOverlay(place, overlay) {
    const spots = data.overlays[place];
    const group = L.layerGroup();
    const pane = spots.kind === "clusters" ? "outlines" : "bands";
    pathsOf(spots).forEach(([className, shape]) => {
      L.polygon(latLngs(shape), { className, interactive: false, pane,
        renderer: state.renderers[pane], smoothFactor: 0 }).addTo(group);
    });
    overlay.markers = [];
    if (spots.kind !== "clusters") { return group; }
    spots.anchors.forEach((anchor, spot) => {
      if (!anchor || overlay.markers.length >= data.mostMarkers) { return; }
      const face = make("span", "face", spots.marks[spot]);
      const chance = spots.looks[spot] === "chance" ? " chance" : "";
      const single = spots.single[spot] ? " single" : chance;
      const marker = L.marker(toLatLng(anchor), {
        icon: L.divIcon({ className: `spot${single}`, html: face, iconSize: [28, 28] }),
        riseOnHover: true,
      }).addTo(group);
      marker.on("click", () => chooseSpot(place, spot));
      overlay.markers.push({ marker, spot });
    });
    return group;
  }

  function labelMarkers(place, overlay) {
    const spots = data.overlays[place];
    const elements = overlay.markers.map(({ marker, spot }) => {
      const element = marker.getElement();
      element.setAttribute("aria-label", `${spots.labels[spot]}: ${spotWords(place, spot)}`);
      element.addEventListener("pointerenter", () => tipAt(spotTip(place, spot), spots.anchors[spot]));
      element.addEventListener("pointerleave", leaveTip);
      element.addEventListener("focus", () => {
        if (!element.matches(":focus-visible")) { return; }
        bringIntoView(spots.anchors[spot]);
        holdTip(() => tipAt(spotTip(place, spot), spots.anchors[spot]));
      });
      element.addEventListener("blur", dropTip);
      element.addEventListener("keydown", (event) => pressOn(event, () => chooseSpot(place, spot)));
      return element;
    });
    rove(elements);
  }

  function spotWords(place, spot) {
    return facts(spotTables[place], spot).slice(0, 2).map(([what, figure]) => `${what} ${figure}`)
      .join(", ");
  }

  /* Tooltips: never the only place of a fact, so hidden from screen readers */

  function areaTip(place) {
    const layer = data.layers[state.layer];
    const name = data.geometries[state.geometry].names[place];
    const others = facts(areaTables[state.layer], place)
      .filter((_, column) => column !== layer.column);
    return [name, layer.values[place], others];
  }

  function spotTip(place, spot) {
    return [data.overlays[place].labels[spot], "", facts(spotTables[place], spot)];
  }

  function fillTip([name, value, rows]) {
    tip.replaceChildren(make("strong", "", name));
    if (value) { tip.append(make("span", "tip-value", value)); }
    const list = make("dl");
    rows.slice(0, 6).forEach(([what, figure]) => {
      list.append(make("dt", "", what), make("dd", "", figure));
    });
    tip.append(list);
    tip.hidden = false;
  }

  function tipAtPointer(words, event) {
    const point = state.map.mouseEventToContainerPoint(event);
    fillTip(words);
    moveTip(point.x, point.y, 16);
  }

  function tipAt(words, anchor) {
    const point = state.map.latLngToContainerPoint(toLatLng(anchor));
    fillTip(words);
    moveTip(point.x, point.y, MARK_HEIGHT);
  }

  /* Above a shape, or below it where there is no room, so that the shape itself stays in sight */
  function tipBeside(words, box) {
    const low = state.map.latLngToContainerPoint(toLatLng([box[0], box[1]]));
    const high = state.map.latLngToContainerPoint(toLatLng([box[2], box[3]]));
    fillTip(words);
    const above = high.y - tip.offsetHeight > 14;
    moveTip((low.x + high.x) / 2, above ? high.y : low.y, 8);
  }

  function moveTip(x, y, gap) {
    const size = state.map.getSize();
    const wide = tip.offsetWidth;
    const high = tip.offsetHeight;
    const left = Math.min(Math.max(x - wide / 2, 6), Math.max(size.x - wide - 6, 6));
    const above = y - gap - high;
    const top = above >= 6 ? above : Math.min(y + gap, Math.max(size.y - high - 6, 6));
    tip.style.left = `${Math.round(left)}px`;
    tip.style.top = `${Math.round(top)}px`;
  }

  /* What has the focus keeps its tooltip while the map moves */
  function holdTip(show) {
    state.keepTip = show;
    show();
  }

  function leaveTip() {
    hideTip();
    if (state.keepTip) { state.keepTip(); }
  }

  function dropTip() {
    state.keepTip = null;
    hideTip();
  }

  function hideTip() { if (tip) { tip.hidden = true; } }

  /* The chosen area or cluster, in full */

  function chooseArea(place) {
    const geometry = data.geometries[state.geometry];
    state.chosen = { kind: "area", place };
    setRing("chosen", geometry.shapes[place]);
    pressed((area) => area === place);
    byId("find").value = String(place);
    markRow(areaTables[state.layer], place);
    const layer = data.layers[state.layer];
    showDetails(geometry.names[place], `${layer.name}: ${layer.values[place]}`,
      facts(areaTables[state.layer], place));
  }

  function chooseSpot(place, spot) {
    state.chosen = { kind: "spot", overlay: place, place: spot };
    const single = data.overlays[place].single[spot];
    setRing("chosen", single ? null : data.overlays[place].shapes[spot]);
    pressed(() => false);
    byId("find").value = "";
    markRow(spotTables[place], spot);
    showDetails(data.overlays[place].labels[spot], data.overlays[place].name,
      facts(spotTables[place], spot));
  }

  function clearChoice() {
    state.chosen = null;
    setRing("chosen", null);
    pressed(() => false);
    markRow(null, -1);
    byId("find").value = "";
    byId("details").replaceChildren(make("p", "hint",
      "Choose an area on the map or in the list to see its figures here."));
  }

  function pressed(test) {
    state.areas.forEach((area, place) => {
      if (area) { area.getElement().setAttribute("aria-pressed", String(test(place))); }
    });
  }

  function showDetails(name, lead, rows) {
    const list = make("dl");
    rows.forEach(([what, figure]) => {
      const row = make("div");
      row.append(make("dt", "", what), make("dd", "", figure));
      list.append(row);
    });
    const clear = make("button", "quiet", "Clear");
    clear.type = "button";
    clear.setAttribute("aria-label", `Clear ${name}`);
    clear.addEventListener("click", () => { clearChoice(); byId("find").focus(); });
    byId("details").replaceChildren(make("h2", "", name), make("p", "lead", lead), list, clear);
  }

  function markRow(table, place) {
    document.querySelectorAll("tr.chosen").forEach((row) => row.classList.remove("chosen"));
    if (table && table.rows[place]) { table.rows[place].classList.add("chosen"); }
  }

  /* Tables */

  function readTable(id) {
    const section = byId(id);
    const table = section.querySelector("table");
    return { section, table, heads: [...table.tHead.rows[0].cells],
      rows: [...table.tBodies[0].rows], titles: [...table.tHead.rows[0].cells]
        .map((cell) => cell.textContent) };
  }

  function facts(table, place) {
    const cells = [...table.rows[place].cells];
    return cells.slice(1).map((cell, column) => [table.titles[column + 1], cell.textContent]);
  }

  function figureOf(text) { return Number(text.replaceAll(",", "").replace("−", "-")); }

  function addSorting(table) {
    table.heads.forEach((head, column) => {
      const button = make("button", "sort");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => sortBy(table, column));
    });
  }

  function sortBy(table, column) {
    const head = table.heads[column];
    const numeric = head.classList.contains("n");
    const before = head.getAttribute("aria-sort");
    const rising = before ? before === "descending" : !numeric;
    table.heads.forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", rising ? "ascending" : "descending");
    const sign = rising ? 1 : -1;
    const keyed = table.rows.map((row, place) => [row.cells[column].textContent, place, row]);
    keyed.sort((a, b) => (numeric ? compareFigures(a[0], b[0], sign)
      : sign * a[0].localeCompare(b[0], "en-GB", { numeric: true })) || a[1] - b[1]);
    table.table.tBodies[0].append(...keyed.map((one) => one[2]));
  }

  function compareFigures(first, second, sign) {
    const a = figureOf(first);
    const b = figureOf(second);
    if (Number.isNaN(a) || Number.isNaN(b)) { return Number.isNaN(a) - Number.isNaN(b); }
    return sign * (a - b);
  }

  function addDownload(table) {
    const button = make("button", "download", "Download this table (CSV)");
    button.type = "button";
    button.addEventListener("click", () => download(table));
    table.section.append(button);
  }

  function download(table) {
    const lines = [["Code", ...table.titles].map(csvText)];
    [...table.table.tBodies[0].rows].forEach((row) => {
      const cells = [...row.cells].map((cell) => csvCell(cell));
      lines.push([csvText(row.dataset.code), ...cells]);
    });
    const text = "\ufeff" + lines.map((line) => line.join(",")).join("\r\n") + "\r\n";
    const link = make("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
    link.download = `${fileName(table.table.caption.textContent)}.csv`;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  function csvCell(cell) {
    if (cell.classList.contains("n")) {
      const figure = figureOf(cell.textContent);
      if (!Number.isNaN(figure)) { return String(cell.textContent).replaceAll(",", "").replace("−", "-"); }
    }
    return csvText(cell.textContent);
  }

  /* A text that a spreadsheet would take for a formula gets an apostrophe in front. */
  function csvText(text) {
    const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function fileName(text) {
    const plain = text.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-");
    return plain.replace(/^-+|-+$/g, "").slice(0, 60) || "table";
  }

  /* Controls */

  function listenToControls() {
    byId("controls").addEventListener("change", (event) => {
      const input = event.target;
      if (input.name === "layer") { showLayer(Number(input.value)); }
      if (input.name === "overlay") { showOverlay(Number(input.value), input.checked); }
      if (input.id === "find") { findArea(input.value); } else { refresh(); }
    });
  }

  function checkedLayer() {
    const chosen = document.querySelector('input[name="layer"]:checked');
    return chosen ? Number(chosen.value) : 0;
  }

  function fillFind() {
    const geometry = data.geometries[state.geometry];
    const order = geometry.names.map((name, place) => [name, place]);
    order.sort((a, b) => a[0].localeCompare(b[0], "en-GB", { numeric: true }) || a[1] - b[1]);
    const first = byId("find").options[0];
    byId("find-label").textContent = geometry.find;
    byId("find").replaceChildren(first, ...order.map(([name, place]) => {
      const option = make("option", "", name);
      option.value = String(place);
      return option;
    }));
  }

  function findArea(value) {
    if (value === "") { clearChoice(); return; }
    const place = Number(value);
    const anchor = data.geometries[state.geometry].anchors[place];
    if (anchor && state.map) { bringIntoView(anchor); }
    chooseArea(place);
  }

  /* After any change: names on the live map, and the still picture that is printed */

  function refresh() {
    if (state.map) { thinMarkers(); }
    drawNames();
    if (data.still) { drawStill(); }
  }

  function drawStill() {
    const [west, north, across, down, , margin] = data.still;
    const project = (corner) => [
      (corner[0] / SCALE - west) * across + margin, (north - corner[1] / SCALE) * down + margin];
    const outline = (shape) => shape.flatMap((part) => part.map((ring) => "M" + corners(ring)
      .map((corner) => project(corner).map((one) => one.toFixed(1)).join(" ")).join("L") + "Z"))
      .join("");
    const layer = data.layers[state.layer];
    const geometry = data.geometries[state.geometry];
    const dim = data.overlays.some((one, other) => one.kind !== "clusters" && overlays[other].shown);
    byId("picture").setAttribute("aria-label",
      `Map. ${layer.caption}. ${byId(`summary-${state.layer}`).textContent}`);
    byId("picture-areas").setAttribute("class", dim ? "areas dim" : "areas");
    byId("picture-areas").replaceChildren(...geometry.shapes.map((shape, place) => makeSvg("path", {
      class: `area ${layer.looks[place]}`, d: outline(shape),
      fill: layer.looks[place] === "k0" ? "url(#hatch)" : "none",
    })));
    const shown = shownMarks();
    const small = crowded(shown, project);
    const taken = shown.map((mark, place) => markRoom(mark, project, small[place]));
    const marks = shown.flatMap((mark, place) => stillMark(mark, project, small[place])).reverse();
    const spots = data.overlays.flatMap((one, place) => {
      if (!overlays[place].shown) { return []; }
      return one.shapes.flatMap((shape, spot) => {
        const names = one.kind === "clusters" ? clusterNames(one, spot) : [fillName(one, spot)];
        return one.single[spot] ? []
          : names.map((name) => makeSvg("path", { class: name, d: outline(shape) }));
      });
    });
    byId("picture-spots").replaceChildren(...spots, ...marks);
    byId("picture-names").replaceChildren(...placeNames(project, {
      height: 18.7, taken, width: (text) => text.length * 17 * 0.56,
    }).map(([x, y, lines]) => {
      const words = makeSvg("text", {});
      lines.forEach((line, row) => words.append(makeSvg("tspan", {
        x: x.toFixed(1), y: (y + (row - (lines.length - 1) / 2) * 18.7 + 5).toFixed(1),
      }, line)));
      return words;
    }));
  }

  function stillMark([anchor, text, , single], project, small) {
    const [x, y] = project(anchor);
    const half = small ? 6 : Math.max(13, 5.2 * text.length + 5);
    const tall = small ? 6 : 12;
    const side = half + (small ? 2 : 5);
    const shape = single
      ? makeSvg("polygon", { class: "mark single",
        points: `${x},${y - side} ${x + side},${y} ${x},${y + side} ${x - side},${y}` })
      : makeSvg("rect", { class: "mark", x: x - half, y: y - tall, rx: tall, width: 2 * half,
        height: 2 * tall });
    const words = makeSvg("text", { class: "mark-text", x, y: y + 5 }, text);
    const both = makeSvg("g", {});
    both.append(shape, ...(small ? [] : [words]));
    return [both];
  }

  /* A frame around the page learns how high it is */

  function tellHeight() {
    if (window.parent === window) { return; }
    const tell = () => window.parent.postMessage({ type: "geoprofiles:height",
      height: Math.ceil(document.documentElement.getBoundingClientRect().height) }, "*");
    new ResizeObserver(tell).observe(document.documentElement);
    window.addEventListener("load", tell);
    tell();
  }
})();
