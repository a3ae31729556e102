/* Draws areas and hot spots on an ordinary folium map, in a notebook. A constant text, which folium
   compiles as a template: it holds no two braces in a row, and data come as JSON in which strings
   hold none at all. Every text is set as text. */
(function (map, data) {
  "use strict";
  const SCALE = 1e5;

  function corners(ring) {
    const found = [];
    let x = 0;
    let y = 0;
    for (let place = 0; place < ring.length; place += 2) {
      x += ring[place];
      y += ring[place + 1];
      found.push([y / SCALE, x / SCALE]);
    }
    return found;
  }

  function latLngs(shape) { return shape.map((part) => part.map(corners)); }

  function safe(text) {
    const holder = document.createElement("span");
    holder.textContent = text;
    return holder.innerHTML;
  }

  function told(name, rows) {
    const box = document.createElement("div");
    const head = document.createElement("strong");
    head.textContent = name;
    head.dir = "auto";
    box.append(head);
    rows.forEach(([what, figure]) => {
      const line = document.createElement("div");
      line.textContent = what ? what + ": " + figure : figure;
      line.dir = "auto";
      box.append(line);
    });
    return box;
  }

  function legend(layer) {
    const control = L.control({ position: "bottomright" });
    control.onAdd = () => {
      const box = document.createElement("div");
      box.style.cssText = "background:#fff;padding:6px 10px;border:1px solid #33454f;max-width:18em;"
        + "font-size:12px;line-height:1.5";
      const head = document.createElement("strong");
      head.textContent = layer.name;
      const unit = document.createElement("div");
      unit.textContent = layer.unit;
      box.append(head, unit);
      layer.keys.forEach(([colour, words]) => {
        const line = document.createElement("div");
        const swatch = document.createElement("span");
        swatch.style.cssText = "display:inline-block;width:16px;height:10px;margin-right:6px;"
          + "border:1px solid #33454f;background:" + colour;
        line.append(swatch, words);
        box.append(line);
      });
      return box;
    };
    return control;
  }

  const bases = new Map();
  const over = new Map();
  const names = [];
  const spots = [];
  data.layers.forEach((layer, place) => {
    const group = L.featureGroup(layer.shapes.map((shape, area) => L.polygon(latLngs(shape), {
      color: "#33454f", fillColor: layer.colours[area], fillOpacity: layer.opacity, weight: 1,
    }).bindTooltip(told(layer.names[area], [["", layer.values[area]]]), { sticky: true })
      .bindPopup(told(layer.names[area], layer.facts[area]))));
    const key = legend(layer);
    group.on("add", () => key.addTo(map));
    group.on("remove", () => key.remove());
    if (place === 0) { group.addTo(map); }
    names.push([safe(layer.name), group]);
  });
  data.overlays.forEach((one) => {
    const group = L.featureGroup(one.shapes.map((shape, spot) => {
      const drawn = one.points[spot]
        ? L.circleMarker(corners(shape[0][0])[0], { radius: 8, ...one.looks[spot] })
        : L.polygon(latLngs(shape), one.looks[spot]);
      return drawn.bindTooltip(told(one.labels[spot], one.facts[spot]), { sticky: true });
    }));
    if (one.shown) { group.addTo(map); }
    spots.push([safe(one.name), group]);
  });
  names.forEach(([name, group]) => bases.set(name, group));
  spots.forEach(([name, group]) => over.set(name, group));
  if (names.length > 1 || spots.length) {
    L.control.layers(Object.fromEntries(names.length > 1 ? bases : []), Object.fromEntries(over),
      { collapsed: false }).addTo(map);
  }
  if (data.bounds) {
    map.fitBounds([[data.bounds[1], data.bounds[0]], [data.bounds[3], data.bounds[2]]]);
  }
})
