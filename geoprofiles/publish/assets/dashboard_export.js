
  /* Files: the table as CSV, pictures as SVG and PNG, all made here without any request */

  const KEPT = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-dasharray",
    "stroke-linejoin", "font-size", "font-weight", "text-anchor", "paint-order", "opacity", "vector-effect"];
  const FONT = '"Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif';

  function drawTools() {
    const tools = (id, ...buttons) => byId(id).replaceChildren(...buttons);
    const save = (part, form) => button(`${form}`, () => savePicture(part, form));
    const pictures = (part, what) => {
      const [svg, png] = [save(part, "SVG"), save(part, "PNG")];
      svg.setAttribute("aria-label", `Download the ${what} as SVG`);
      png.setAttribute("aria-label", `Download the ${what} as PNG`);
      return [make("span", "", "Download:"), svg, png];
    };
    tools("map-tools", ...(data.bounds ? pictures("map", "map") : []));
    tools("trend-tools", ...(byId("trend-canvas").querySelector("svg") ? pictures("trend", "chart") : []));
    tools("table-tools", button("Download this table (CSV)", saveTable, "download"));
    tools("spine-tools", ...(state.area < 0 ? [] : [button("Download this table (CSV)", saveSpine, "download")]));
  }

  function saveTable() {
    const row = rowNow();
    const { kind, codes } = kindNow();
    const [period, last] = [state.period, isLatest()];
    const heads = ["code", kind, "indicator", "unit", "period", "figure", "lower_limit", "upper_limit", "count",
      "all_areas", "rank", "against_the_rest", "change_percent", "change_verdict"];
    const order = orderOf(tableColumns(row));
    const rows = order.map((area) => [codes[area], nameOf(area), row.name, row.unit, row.periods[period],
      at(row.v, period, area), at(row.lo, period, area), at(row.hi, period, area), at(row.n, period, area),
      row.whole[period], rankNow(area), last ? testedWord(row, "verdict", area) : "",
      last && row.change && row.change.p ? row.change.p[area] : "",
      last ? testedWord(row, "change_verdict", area) : ""]);
    saveCsv(captionOf(row), [heads, ...rows]);
  }

  function saveSpine() {
    const topic = rowNow().topic;
    const heads = ["code", kindNow().kind, "topic", "indicator", "unit", "period", "figure", "lower_limit", "upper_limit",
      "all_areas", "against_the_rest"];
    const rows = kindNow().indicators.filter((row) => row.topic === topic).map((row) => {
      const last = row.periods.length - 1;
      return [kindNow().codes[state.area], nameOf(state.area), topic, row.name, row.unit, row.periods[last],
        at(row.v, last, state.area), at(row.lo, last, state.area), at(row.hi, last, state.area), row.whole[last],
        testedWord(row, "verdict", state.area)];
    });
    saveCsv(`${nameOf(state.area)} ${topic}`, [heads, ...rows]);
  }

  function saveCsv(name, rows) {
    const text = "\ufeff" + rows.map((cells) => cells.map(csvCell).join(",")).join("\r\n") + "\r\n";
    saveFile(`${fileName(name)}.csv`, new Blob([text], { type: "text/csv;charset=utf-8" }));
  }

  /* A text that a spreadsheet would take for a formula gets an apostrophe in front. */
  function csvCell(value) {
    if (value === null || value === undefined) { return ""; }
    if (typeof value === "number") { return String(value); }
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  }

  function fileName(text) {
    const plain = text.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-");
    return plain.replace(/^-+|-+$/g, "").slice(0, 80) || "geoprofiles";
  }

  function saveFile(name, blob) {
    const link = make("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  async function savePicture(part, form) {
    const picture = pictureOf(part);
    const text = new XMLSerializer().serializeToString(picture);
    const name = fileName(byId(`${part}-title`).textContent);
    if (form === "SVG") { saveFile(`${name}.svg`, new Blob([text], { type: "image/svg+xml" })); return; }
    const image = new Image();
    image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
    await image.decode();
    const canvas = make("canvas");
    [canvas.width, canvas.height] = ["width", "height"].map((side) => 2 * Number(picture.getAttribute(side)));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    canvas.toBlob((blob) => saveFile(`${name}.png`, blob), "image/png");
  }

  /* A picture that stands alone: title, measure, drawing, legend and source, always on light paper */
  function pictureOf(part) {
    const root = document.documentElement;
    const before = root.dataset.theme;
    root.dataset.theme = "light";
    const source = byId(`${part}-canvas`).querySelector("svg");
    const [, , wide, high] = source.getAttribute("viewBox").split(" ").map(Number);
    const width = 720;
    const tall = width * high / wide;
    const picture = makeSvg("svg", { xmlns: SVG, "font-family": FONT });
    const ink = getComputedStyle(document.body).color;
    const words = (text, y, size, bold) => wrapText(text, Math.floor((width - 32) / (size * 0.55))).map((line, place) => {
      picture.append(makeSvg("text", { x: 16, y: y + place * size * 1.25, "font-size": size, fill: ink,
        ...(bold ? { "font-weight": 700 } : {}) }, line));
      return line;
    }).length * size * 1.25;
    let y = 30;
    picture.append(makeSvg("rect", { width: "100%", height: "100%", fill: "#ffffff" }));
    y += words(byId(`${part}-title`).textContent, y, 18, true);
    y += words(byId(`${part}-about`).textContent, y, 13, false);
    const copy = inlined(source);
    [["x", 0], ["y", y], ["width", width], ["height", tall]].forEach(([name, value]) => copy.setAttribute(name, value));
    const hatch = document.getElementById("hatch");
    const defs = makeSvg("defs", {});
    defs.append(inlined(hatch));
    picture.append(defs, copy);
    y += tall + 22;
    if (part === "map") {
      byId("legend").querySelectorAll("li").forEach((item) => {
        const sign = item.querySelector("svg");
        if (sign) {
          const drawn = inlined(sign);
          [["x", 16], ["y", y - 12], ["width", 26], ["height", 16]].forEach(([name, value]) => drawn.setAttribute(name, value));
          picture.append(drawn);
        }
        const texts = [...item.querySelectorAll("span")].map((one) => one.textContent);
        picture.append(makeSvg("text", { x: 50, y, "font-size": 13, fill: ink }, texts.join("   ")));
        y += 20;
      });
    }
    const kept = [data.title, data.source && `Source: ${data.source}`].filter(Boolean).join(". ");
    y += 6;
    y += words(kept, y, 11, false);
    [["width", width], ["height", Math.ceil(y + 4)], ["viewBox", `0 0 ${width} ${Math.ceil(y + 4)}`]]
      .forEach(([name, value]) => picture.setAttribute(name, value));
    if (before) { root.dataset.theme = before; } else { delete root.dataset.theme; }
    return picture;
  }

  function wrapText(text, most) {
    const lines = [""];
    text.split(" ").forEach((word) => {
      const last = lines[lines.length - 1];
      if (last && last.length + 1 + word.length > most) { lines.push(word); } else {
        lines[lines.length - 1] = last ? `${last} ${word}` : word;
      }
    });
    return lines;
  }

  /* Copy a drawing with its looks as attributes: outside this page there is no style sheet */
  function inlined(source) {
    const copy = source.cloneNode(true);
    const pairs = [[source, copy]];
    while (pairs.length) {
      const [from, to] = pairs.pop();
      const looks = getComputedStyle(from);
      KEPT.forEach((name) => {
        const value = looks.getPropertyValue(name);
        if (value && value !== "none" && value !== "normal" || name === "fill" || name === "stroke") {
          to.setAttribute(name, name === "fill" && from.getAttribute("fill") === "url(#hatch)" ? "url(#hatch)" : value);
        }
      });
      ["class", "role", "tabindex", "aria-pressed", "aria-label", "aria-describedby", "aria-hidden"]
        .forEach((name) => to.removeAttribute(name));
      [...from.children].forEach((child, place) => pairs.push([child, to.children[place]]));
    }
    return copy;
  }
