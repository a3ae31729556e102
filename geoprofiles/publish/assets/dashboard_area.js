
  /* The chosen area: its figure in full, beside all areas and beside another */

  function drawCard() {
    const row = rowNow();
    const parts = [];
    if (state.area < 0) {
      const whole = row.whole[state.period];
      parts.push(make("h2", "", wholeName()));
      if (whole !== null) { parts.push(bigFigure(row, whole)); }
      parts.push(make("p", "hint", `Choose ${kindNow().find.replace("Find ", "")} on the map, in the table or by its`
        + " name to see its figures."), wrap("p", "tools", viewLink()));
    } else {
      const heading = make("h2", "", nameOf(state.area));
      parts.push(heading, bigFigure(row, at(row.v, state.period, state.area)));
      if (isTested(row)) {
        const found = judged(row, state.area);
        if (found.words) { parts.push(wrap("p", "", tag(row, found))); }
      }
      parts.push(facts(row));
      if (state.other >= 0) { parts.push(make("p", "compare", comparison(row))); }
      parts.push(cardTools());
    }
    byId("card").replaceChildren(...parts);
  }

  function wrap(tagName, className, ...inside) {
    const element = make(tagName, className);
    element.append(...inside);
    return element;
  }

  function bigFigure(row, value) {
    const line = make("p", "big", figure(row, value) + (row.unit.startsWith("%") && value !== null ? "%" : ""));
    return wrap("div", "", line, make("p", "unit", `${row.name}, ${unitWords(row)}, ${row.periods[state.period]}`));
  }

  function factsOf(row, area) {
    const period = state.period;
    const last = isLatest();
    return [
      ["95% limits", limits(row, period, area)],
      [row.topic.startsWith("Incident") ? "Incidents" : "Count", row.n && at(row.n, period, area) !== null
        ? number(at(row.n, period, area), 0) : ""],
      ["Rank, 1 is highest", last ? rankWords(row, area) : ""],
      ["Change in a year", last ? changeWords(row, area) : ""],
      ["That change is", last && changeWords(row, area) ? testedWord(row, "change_verdict", area) : ""],
      ["Trend", last ? trendWords(row, area) : ""],
    ];
  }

  function trendWords(row, area) {
    const said = testedWord(row, "trend", area);
    const why = testedWord(row, "trend_reason", area);
    return said && why ? `${said}: ${why}` : said;
  }

  function facts(row) {
    const list = make("dl", "facts");
    const add = (what, words) => {
      if (!words) { return; }
      list.append(wrap("div", "", make("dt", "", what), make("dd", "", words)));
    };
    factsOf(row, state.area).forEach(([what, words]) => add(what, words));
    const whole = row.whole[state.period];
    add(wholeName(), whole === null ? "" : withUnit(row, whole));
    if (isLatest() && row.national !== undefined) { add(kindNow().nation || "The nation", withUnit(row, row.national)); }
    if (state.other >= 0) { add(nameOf(state.other), withUnit(row, at(row.v, state.period, state.other))); }
    return list;
  }

  /* Limits that do not meet tell two areas apart; limits that meet do not tell that they are alike */
  function comparison(row) {
    const [one, two] = [state.area, state.other];
    const [a, b] = [one, two].map((area) => at(row.v, state.period, area));
    if (a === null || b === null) { return `${a === null ? nameOf(one) : nameOf(two)} has ${NO_DATA}.`; }
    const [low, high] = a < b ? [one, two] : [two, one];
    const [top, floor] = [at(row.hi, state.period, low), at(row.lo, state.period, high)];
    if (a === b) { return `${nameOf(one)} and ${nameOf(two)} have the same figure.`; }
    const times = Math.min(a, b) > 0 ? `, ${number(Math.max(a, b) / Math.min(a, b), 1)} times that of ${nameOf(low)}` : "";
    const start = `${nameOf(high)} is higher${times}. `;
    if (top === null || floor === null) { return `${start}Without limits it is not known whether that is chance.`; }
    return start + (top < floor ? "Their 95% limits do not overlap: they differ."
      : "Their 95% limits overlap: these figures alone do not tell them apart.");
  }

  function cardTools() {
    const line = make("p", "tools");
    const page = kindNow().pages[state.area];
    if (page) {
      const link = make("a", "", `The whole profile of ${nameOf(state.area)}`);
      link.href = page;
      line.append(link);
    }
    if (ADDRESSED) { line.append(viewLink()); }
    line.append(button("All areas", () => { chooseArea(-1); byId("area").focus(); }));
    return line;
  }

  /* The address of what is shown; pressing it copies it where the browser lets a page do so */
  function viewLink() {
    const link = make("a", "", "Copy a link to this view");
    link.href = address();
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const copied = navigator.clipboard ? navigator.clipboard.writeText(link.href) : Promise.reject(new Error("none"));
      copied.then(() => { link.textContent = "Copied"; }, () => {
        link.textContent = "This link could not be copied: take it from its menu (right click)";
      });
    });
    const line = wrap("span", "", link);
    line.setAttribute("aria-live", "polite");
    return line;
  }

  /* Every indicator of the topic on one scale: worse at the left, all areas together in the middle */

  function drawSpine() {
    const box = byId("spine");
    if (state.area < 0) {
      box.replaceChildren(make("h2", "", `${rowNow().topic}: one area beside all`),
        make("p", "hint", "Choose an area to see where it stands on every indicator of this topic."));
      return;
    }
    const topic = rowNow().topic;
    const rows = kindNow().indicators.map((row, place) => [row, place]).filter(([row]) => row.topic === topic);
    const title = `${topic}: ${nameOf(state.area)} beside all ${kindNow().plural}, latest period`;
    const frame = plainTable(title, ["Indicator", nameOf(state.area), `All ${kindNow().plural}`, "", "Against the rest"], []);
    const heads = frame.querySelectorAll("thead th");
    heads[3].className = "spine-head";
    heads[3].append(make("span", "", "◂ worse or lower"), make("span", "", "better or higher ▸"));
    heads[4].className = "";
    frame.querySelector("tbody").append(...rows.map(([row, place]) => spineRow(row, place)));
    box.replaceChildren(frame, spineKey(rows));
  }

  function spineRow(row, place) {
    const last = row.periods.length - 1;
    const line = make("tr", place === state.row ? "chosen" : "");
    const name = button(row.name, () => {
      chooseRow(place);
      refresh();
      const again = byId("spine").querySelector("tr.chosen button");
      if (again) { again.focus({ preventScroll: true }); }
    }, "name-button");
    name.setAttribute("aria-pressed", String(place === state.row));
    const head = wrap("th", "", name, make("small", "", `${unitWords(row)}, ${row.periods[last]}`));
    head.scope = "row";
    const svg = wrap("td", "spine-cell", spineSvg(row));
    line.append(head, make("td", "n", figure(row, at(row.v, last, state.area))),
      make("td", "n", row.whole[last] === null ? "" : figure(row, row.whole[last])), svg,
      wrap("td", "", tag(row, judged(row, state.area))));
    return line;
  }

  function spineSvg(row) {
    const svg = makeSvg("svg", { class: "spine", viewBox: "-6 0 332 20", "aria-hidden": "true" });
    const x = (value) => 3.2 * Math.min(Math.max(value, 0), 100);
    svg.append(makeSvg("rect", { class: "spine-range", x: 0, y: 6, width: 320, height: 8 }));
    if (row.box) {
      svg.append(makeSvg("rect", { class: "spine-box", x: x(row.box[0]), y: 4, width: Math.max(x(row.box[1]) - x(row.box[0]), 1), height: 12 }));
    }
    svg.append(makeSvg("path", { class: "spine-whole", d: "M160 0V20" }));
    if (row.atNation !== undefined) {
      const mid = x(row.atNation);
      svg.append(makeSvg("path", { class: "spine-nation", d: `M${mid} 5L${mid + 5} 10L${mid} 15L${mid - 5} 10Z` }));
    }
    if (state.other >= 0 && row.at[state.other] !== null) {
      svg.append(makeSvg("rect", { class: "dot dot-two", x: x(row.at[state.other]) - 4, y: 6, width: 8, height: 8 }));
    }
    const place = row.at[state.area];
    if (place === null) { return svg; }
    if (row.atLo[state.area] !== null && row.atHi[state.area] !== null) {
      svg.append(makeSvg("path", { class: "bar-limits", d: `M${x(row.atLo[state.area])} 10H${x(row.atHi[state.area])}` }));
    }
    const beyond = place < 0 ? "M-5 10l7 -5v10Z" : place > 100 ? "M325 10l-7 -5v10Z" : "";
    svg.append(beyond ? makeSvg("path", { class: `dot sig-dot-${judged(row, state.area).key}`, d: beyond })
      : makeSvg("circle", { class: `dot sig-dot-${judged(row, state.area).key}`, cx: x(place), cy: 10, r: 5 }));
    return svg;
  }

  function spineKey(rows) {
    const lacking = rows.filter(([row]) => row.whole[row.periods.length - 1] === null).length;
    const median = `the median ${kindNow().kind}`;
    const middle = lacking === rows.length ? median
      : `all ${kindNow().plural} together${lacking ? `, or ${median} where there is no such figure` : ""}`;
    const words = [`The line in the middle is ${middle}, the box the middle half of`
      + ` ${kindNow().plural}, the circle ${nameOf(state.area)}; an arrow is beyond the scale.`];
    if (state.other >= 0) { words.push(`The square is ${nameOf(state.other)}.`); }
    if (rows.some(([row]) => row.atNation !== undefined)) { words.push(`The open diamond is ${kindNow().nation || "the nation"}.`); }
    return make("p", "note", words.join(" "));
  }

  /* What the figure is, where it is from, and its limits */

  function drawAbout() {
    const row = rowNow();
    const list = make("dl", "facts");
    const told = [...row.about];
    const some = (name) => [...new Set(row.tested[name] || [])].filter((one) => one >= 0).map((one) => data.words[one]);
    const add = (what, words) => { if (words.length) { told.push([what, words.slice(0, 4).join("; ")]); } };
    add("Limits", some("method"));
    add("Source", some("source"));
    told.push(["Periods", row.periods.length === 1 ? row.periods[0]
      : `${row.periods.length}: first ${row.periods[0]}, last ${row.periods[row.periods.length - 1]}`]);
    told.push(["A high figure is", { "high is bad": "worse", "high is good": "better" }[row.polarity] || "neither better nor worse"]);
    told.forEach(([what, words]) => list.append(wrap("div", "", make("dt", "", what), make("dd", "", words))));
    byId("about").replaceChildren(make("h2", "", `About ${row.name}`), list);
  }
