
  /* The chart of an area, the one it is compared with, and all areas together, over time */

  /* Months stand in where there is one period only, which makes no line */
  function byMonth(row) { return Boolean(row.months) && (state.months || row.periods.length < 2); }

  function trendSeries(row) {
    const series = [];
    const add = (key, name, values, low, high) => series.push({ key, name, values, low, high });
    const over = (grid, area) => row.periods.map((_, period) => at(grid, period, area));
    if (byMonth(row)) {
      const counts = row.months.n;
      const alone = state.area < 0;
      if (alone) {
        const sums = row.months.labels.map((_, month) => counts.reduce((sum, list) =>
          (list[month] === null ? sum : (sum || 0) + list[month]), null));
        add("one", wholeName(), sums);
      } else { add("one", nameOf(state.area), counts[state.area]); }
      if (state.other >= 0) { add("two", nameOf(state.other), counts[state.other]); }
      return series;
    }
    if (state.area >= 0) {
      add("one", nameOf(state.area), over(row.v, state.area), over(row.lo, state.area), over(row.hi, state.area));
    }
    if (state.other >= 0) {
      add("two", nameOf(state.other), over(row.v, state.other), over(row.lo, state.other), over(row.hi, state.other));
    }
    if (row.whole.some((one) => one !== null)) { add("all", wholeName(), row.whole); }
    return series;
  }

  function drawTrend() {
    const row = rowNow();
    const labels = byMonth(row) ? row.months.labels : row.periods;
    const series = trendSeries(row);
    byId("trend-title").textContent = `${row.name}: ${state.area < 0 ? wholeName() : nameOf(state.area)} over time`;
    byId("trend-about").textContent = aboutTrend(row, series);
    drawSwitch(row);
    const known = series.some((one) => one.values.some((value) => value !== null));
    const parts = [];
    if (!known) { parts.push(make("p", "hint", initial(NO_DATA) + ".")); }
    else if (labels.length < 2) {
      const span = byMonth(row) ? "month" : "period";
      parts.push(make("p", "hint", `There is one ${span} only, ${labels[0]}: nothing can be said of change.`));
    } else { parts.push(chart(row, labels, series)); }
    if (known) { parts.push(seriesTable(row, labels, series)); }
    byId("trend-canvas").replaceChildren(...parts);
  }

  function aboutTrend(row, series) {
    if (byMonth(row)) {
      const heavy = series.some((one) => means(one.values, row.months.segments).some((value) => value !== null));
      const broken = new Set(row.months.segments || []).size > 1;
      return `Incidents a month${heavy ? "; the heavy line is the mean of twelve months" : ""}`
        + (broken ? "; the line stops where recording changed" : "");
    }
    const words = [initial(unitWords(row))];
    if (series.some((one) => one.low && one.low.some((end) => end !== null))) { words.push("bars are 95% limits"); }
    if (new Set(row.segments || []).size > 1) { words.push("the line stops where recording changed"); }
    return words.join("; ");
  }

  function drawSwitch(row) {
    const line = byId("trend-switch");
    line.hidden = !row.months || row.periods.length < 2;
    if (line.hidden) { return; }
    line.replaceChildren(...[["By period", false], ["By month", true]].map(([text, months]) => {
      const one = button(text, () => {
        state.months = months;
        refresh();
        byId("trend-switch").querySelector("[aria-pressed=true]").focus();
      });
      one.setAttribute("aria-pressed", String(state.months === months));
      return one;
    }));
  }

  function chart(row, labels, series) {
    const wide = Math.max(byId("trend-canvas").clientWidth || 560, 260);
    const high = 290;
    const decimals = byMonth(row) ? 0 : row.decimals;
    const all = series.flatMap((one) => [...one.values, ...(one.low || []), ...(one.high || [])])
      .filter((value) => value !== null && value !== undefined);
    const ticks = niceTicks(Math.min(0, ...all), Math.max(...all, 0));
    const left = 14 + 6.6 * Math.max(...ticks.map((one) => number(one, tickDecimals(ticks)).length));
    const top = 12 + 19 * series.length;
    const box = { left, right: wide - 14, top, low: high - 34 };
    const [floor, roof] = [ticks[0], ticks[ticks.length - 1]];
    const x = (place) => box.left + 10 + (box.right - box.left - 20) * place / (labels.length - 1);
    const y = (value) => box.low - (box.low - box.top) * (value - floor) / (roof - floor);
    const svg = makeSvg("svg", { class: "chart-live", viewBox: `0 0 ${wide} ${high}`, role: "img",
      "aria-label": chartWords(row, labels, series) });
    ticks.forEach((one) => {
      svg.append(makeSvg("path", { class: one === 0 ? "axis" : "grid", d: `M${box.left} ${y(one)}H${box.right}` }),
        makeSvg("text", { class: "tick end", x: box.left - 6, y: y(one) + 4 }, number(one, tickDecimals(ticks))));
    });
    placeLabels(svg, labels, x, box);
    series.forEach((one, place) => key(svg, one, place, wide));
    [...series].reverse().forEach((one) => line(svg, row, one, x, y, decimals));
    return svg;
  }

  function niceTicks(low, high) {
    const span = high - low || 1;
    const rough = span / 4;
    const size = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 2.5, 5, 10].map((one) => one * size).find((one) => one >= rough);
    const first = Math.floor(low / step);
    const last = Math.max(Math.ceil(high / step), first + 1);
    return [...Array(last - first + 1).keys()].map((one) => Number(((first + one) * step).toPrecision(12)));
  }

  function tickDecimals(ticks) {
    return Math.max(...ticks.map((one) => (String(one).split(".")[1] || "").length));
  }

  /* Labels that have room, counted from the latest; long periods are written short */
  function placeLabels(svg, labels, x, box) {
    const room = (box.right - box.left) / Math.max(labels.length - 1, 1);
    const short = labels.map(shortPeriod);
    const wide = 6.4 * Math.max(...short.map((one) => one.length)) + 10;
    const step = Math.max(1, Math.ceil(wide / room));
    short.forEach((text, place) => {
      if ((labels.length - 1 - place) % step) { return; }
      const half = 3.2 * text.length;
      const at = Math.min(Math.max(x(place), half + 2), box.right + 12 - half);
      svg.append(makeSvg("path", { class: "axis", d: `M${x(place)} ${box.low}v5` }),
        makeSvg("text", { class: "tick middle", x: at, y: box.low + 18 }, text));
    });
  }

  function shortPeriod(period) {
    const short = (text) => text.replace(/([A-Z][a-z]{2})[a-z]+ (?=\d{4})/g, "$1 ");
    const ends = period.split(" to ");
    return ends.length === 2 && /^[A-Z][a-z]+ \d{4}$/.test(ends[1]) ? `to ${short(ends[1])}` : short(period);
  }

  function key(svg, one, place, wide) {
    const y = 12 + 19 * place;
    const most = Math.floor((wide - 60) / 7);
    const name = one.name.length > most ? `${one.name.slice(0, most - 1)}…` : one.name;
    svg.append(makeSvg("path", { class: `line line-${one.key}`, d: `M14 ${y - 4}h26` }),
      mark(one.key, 27, y - 4), makeSvg("text", { class: "key", x: 47, y }, name));
  }

  function mark(name, x, y) {
    if (name === "one") { return makeSvg("circle", { class: "dot dot-one", cx: x, cy: y, r: 4.2 }); }
    if (name === "two") {
      return makeSvg("path", { class: "dot dot-two", d: `M${x - 4.2} ${y - 4.2}h8.4v8.4h-8.4Z` });
    }
    return makeSvg("path", { class: "dot dot-all", d: `M${x} ${y - 4.6}L${x + 4.6} ${y}L${x} ${y + 4.6}L${x - 4.6} ${y}Z` });
  }

  /* No line is drawn across a gap or a break in how figures are recorded */
  function line(svg, row, one, x, y, decimals) {
    const parts = byMonth(row) ? row.months.segments : row.segments;
    const values = byMonth(row) ? means(one.values, parts) : one.values;
    svg.append(makeSvg("path", { class: `line line-${one.key}`, d: joined(values, parts, x, y) }));
    if (byMonth(row)) {
      svg.append(makeSvg("path", { class: `line thin line-${one.key}`, d: joined(one.values, parts, x, y) }));
      return;
    }
    one.values.forEach((value, place) => {
      if (value === null) { return; }
      if (one.low && one.low[place] !== null && one.high[place] !== null) {
        svg.append(makeSvg("path", { class: `limits limits-${one.key}`,
          d: `M${x(place)} ${y(one.low[place])}V${y(one.high[place])}` }));
      }
      const point = mark(one.key, x(place), y(value));
      point.append(makeSvg("title", {}, `${one.name}, ${row.periods[place]}: ${number(value, decimals)}`));
      svg.append(point);
    });
  }

  function joined(values, parts, x, y) {
    return values.map((value, place) => {
      if (value === null) { return ""; }
      const before = place > 0 ? values[place - 1] : null;
      const apart = before === null || parts && parts[place] !== parts[place - 1];
      return `${apart ? "M" : "L"}${x(place).toFixed(1)} ${y(value).toFixed(1)}`;
    }).join("");
  }

  function means(values, parts) {
    return values.map((_, place) => {
      const some = values.slice(Math.max(place - 11, 0), place + 1);
      const across = parts && parts[place] !== parts[Math.max(place - 11, 0)];
      return some.length < 12 || across || some.includes(null) ? null : some.reduce((a, b) => a + b, 0) / 12;
    });
  }

  function chartWords(row, labels, series) {
    const decimals = byMonth(row) ? 0 : row.decimals;
    return series.map((one) => {
      const known = one.values.flatMap((value, place) => (value === null ? [] : [[value, labels[place]]]));
      if (!known.length) { return `${one.name}: ${NO_DATA}.`; }
      const [first, last] = [known[0], known[known.length - 1]];
      const most = known.reduce((best, here) => (here[0] > best[0] ? here : best));
      return `${one.name}: ${number(first[0], decimals)} in ${first[1]}, ${number(last[0], decimals)} in ${last[1]},`
        + ` highest ${number(most[0], decimals)} in ${most[1]}.`;
    }).join(" ");
  }

  function seriesTable(row, labels, series) {
    const details = make("details");
    details.append(make("summary", "", "These figures as a table"));
    const decimals = byMonth(row) ? 0 : row.decimals;
    const heads = [byMonth(row) ? "Month" : "Period", ...series.flatMap((one) =>
      [one.name, ...(one.low && one.low.some((end) => end !== null) ? ["95% limits"] : [])])];
    const rows = labels.map((label, place) => [label, ...series.flatMap((one) => {
      const cells = [number(one.values[place], decimals)];
      if (one.low && one.low.some((end) => end !== null)) {
        cells.push(one.low[place] === null ? "" : `${number(one.low[place], decimals)} to ${number(one.high[place], decimals)}`);
      }
      return cells;
    })]);
    details.append(plainTable(byId("trend-title").textContent, heads, rows));
    return details;
  }

  function plainTable(title, heads, rows) {
    const box = make("div", "scroll");
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", title);
    const table = make("table");
    const caption = make("caption");
    caption.append(make("span", "", title));
    const head = make("tr");
    heads.forEach((one, place) => {
      const cell = make("th", place ? "n" : "", one);
      cell.scope = "col";
      head.append(cell);
    });
    const top = make("thead");
    top.append(head);
    const body = make("tbody");
    rows.forEach((cells) => {
      const tr = make("tr");
      cells.forEach((one, place) => {
        const cell = make(place ? "td" : "th", place ? "n" : "", one);
        if (!place) { cell.scope = "row"; }
        tr.append(cell);
      });
      body.append(tr);
    });
    table.append(caption, top, body);
    box.append(table);
    return box;
  }
