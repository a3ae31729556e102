
  /* The lists to choose from, and the address that keeps what is chosen */

  function fillList(id, options, chosen) {
    const list = byId(id);
    list.replaceChildren(...options.map(([value, text, group]) => {
      const option = make("option", "", text);
      option.value = String(value);
      option.dataset.group = group || "";
      return option;
    }));
    list.value = String(chosen);
    list.closest(".pick").hidden = options.length < 2;
  }

  function fillControls() {
    const { indicators, names, codes } = kindNow();
    const row = rowNow();
    fillList("kind", data.kinds.map((one, place) => [place, initial(one.plural)]), state.kind);
    const topics = [...new Set(indicators.map((one) => one.topic))];
    fillList("topic", topics.map((one) => [one, one]), row.topic);
    fillList("indicator", indicators.flatMap((one, place) =>
      (one.topic === row.topic ? [[place, one.name]] : [])), state.row);
    const periods = row.periods.map((one, place) => [place, one]).reverse();
    fillList("period", periods, state.period);
    fillList("colour", colours(row), state.colour);
    const spots = data.spots.map((one, place) => [place, one.name]);
    fillList("spots", [[-1, "None"], ...spots], state.spots);
    const twice = new Set(names.filter((one, place) => names.indexOf(one) !== place));
    byId("areas").replaceChildren(...names.map((name, place) => {
      const option = make("option");
      option.value = twice.has(name) ? `${name} (${codes[place]})` : name;
      return option;
    }));
    byId("area-label").textContent = kindNow().find;
    byId("area").value = state.area < 0 ? "" : listedName(state.area);
    byId("other").value = state.other < 0 ? "" : listedName(state.other);
  }

  function listedName(area) { return byId("areas").options[area].value; }

  function colours(row) {
    const found = [["figure", "The figure"]];
    if (isTested(row)) {
      found.push(["verdict", "Whether it differs from the rest"]);
    }
    if (isLatest() && row.tested.change_verdict && row.change) {
      found.push(["change", "Whether it changed in a year"]);
    }
    return found;
  }

  function listenToControls() {
    const on = (id, act) => byId(id).addEventListener("change", (event) => {
      say("");
      act(event.target.value);
      refresh();
    });
    on("kind", (value) => chooseKind(Number(value)));
    on("topic", (value) => chooseRow(kindNow().indicators.findIndex((one) => one.topic === value)));
    on("indicator", (value) => chooseRow(Number(value)));
    on("period", (value) => { state.period = Number(value); keepColour(); });
    on("colour", (value) => { state.colour = value; });
    on("spots", (value) => { state.spots = Number(value); });
    on("area", (value) => { state.area = areaCalled(value, state.area); keepApart(); });
    on("other", (value) => { state.other = areaCalled(value, state.other); keepApart(); });
    byId("theme").addEventListener("click", () => {
      state.theme = isDark() ? "light" : "dark";
      refresh();
    });
    window.addEventListener("hashchange", () => { readAddress(); refresh(); });
  }

  function chooseKind(place) {
    const before = rowNow();
    state.kind = place;
    const again = kindNow().indicators.findIndex((one) =>
      one.topic === before.topic && one.name === before.name);
    state.area = -1;
    state.other = -1;
    chooseRow(Math.max(again, 0));
    state.area = highest();
  }

  function chooseRow(place) {
    state.row = place;
    state.period = rowNow().periods.length - 1;
    keepColour();
  }

  function chooseArea(area) {
    say("");
    state.area = area;
    keepApart();
    refresh();
  }

  function keepColour() {
    if (!colours(rowNow()).some(([value]) => value === state.colour)) { state.colour = "figure"; }
  }

  /* An area is not compared with itself */
  function keepApart() { if (state.other === state.area) { state.other = -1; } }

  function highest() {
    const values = valuesNow();
    return values.reduce((best, value, place) =>
      (value !== null && (best < 0 || value > values[best]) ? place : best), -1);
  }

  function areaCalled(text, before) {
    const wanted = text.trim().toLowerCase();
    if (!wanted) { return -1; }
    const { names, codes, kind } = kindNow();
    const tests = [
      (place) => listedName(place).toLowerCase() === wanted,
      (place) => codes[place].toLowerCase() === wanted,
      (place) => names[place].toLowerCase().startsWith(wanted),
      (place) => names[place].toLowerCase().includes(wanted),
    ];
    for (const test of tests) {
      const found = names.findIndex((_, place) => test(place));
      if (found >= 0) { return found; }
    }
    say(`There is no ${kind} “${text.trim()}” here.`);
    return before;
  }

  function say(words) { byId("said").textContent = words; }

  /* The address: #ward=CODE&indicator=KEY&period=…&with=CODE&spots=KEY&colour=…&view=months */

  const OTHERS = ["indicator", "period", "with", "spots", "colour", "view", "theme"];

  function address(about = state) {
    const kind = data.kinds[about.kind];
    const row = kind.indicators[about.row];
    const told = new URLSearchParams();
    told.set(kind.key, about.area < 0 ? "all" : kind.codes[about.area]);
    told.set("indicator", row.key);
    if (about.period !== row.periods.length - 1) { told.set("period", row.periods[about.period]); }
    if (about.other >= 0) { told.set("with", kind.codes[about.other]); }
    if (about.spots >= 0) { told.set("spots", data.spots[about.spots].key); }
    if (about.colour !== "figure") { told.set("colour", about.colour); }
    if (about.months) { told.set("view", "months"); }
    if (about.theme) { told.set("theme", about.theme); }
    return `#${told}`;
  }

  function readAddress(hash = window.location.hash) {
    const told = new URLSearchParams(hash.slice(1));
    const place = data.kinds.findIndex((one) => told.has(one.key));
    if (place < 0 && !OTHERS.some((name) => told.get(name))) { return; }
    const lacking = [];
    const find = (list, test, wanted, what) => {
      const found = list.findIndex(test);
      if (found < 0) { lacking.push(`${what} “${wanted}”`); }
      return found;
    };
    const changed = place >= 0 && place !== state.kind;
    if (place >= 0) { state.kind = place; }
    const { key, codes, indicators, kind } = kindNow();
    if (changed || told.has("indicator")) {
      const wanted = told.get("indicator");
      const found = wanted ? find(indicators, (one) => one.key === wanted, wanted, "indicator") : 0;
      chooseRow(Math.max(found, 0));
    }
    const periods = rowNow().periods;
    const period = told.get("period");
    state.period = periods.length - 1;
    if (period) {
      const found = find(periods, (one) => one === period, period, "period");
      if (found >= 0) { state.period = found; }
    }
    const code = told.get(key);
    const other = told.get("with");
    if (changed) { state.area = -1; state.other = -1; }
    if (code) {
      state.area = code === "all" ? -1 : find(codes, (one) => one === code, code, kind);
    }
    state.other = other ? find(codes, (one) => one === other, other, kind) : -1;
    const spots = told.get("spots");
    state.spots = spots ? find(data.spots, (one) => one.key === spots, spots, "question") : -1;
    state.colour = told.get("colour") || "figure";
    state.months = told.get("view") === "months";
    if (["dark", "light"].includes(told.get("theme"))) { state.theme = told.get("theme"); }
    keepColour();
    keepApart();
    say(lacking.length ? `This page does not have the ${lacking.join(", ")} of the link.` : "");
  }

  function isDark() {
    if (state.theme) { return state.theme === "dark"; }
    return getComputedStyle(document.documentElement).colorScheme === "dark";
  }

  function showTheme() {
    const root = document.documentElement;
    if (state.theme) { root.dataset.theme = state.theme; } else { delete root.dataset.theme; }
    byId("theme").textContent = isDark() ? "Light" : "Dark";
    byId("theme").setAttribute("aria-label", isDark() ? "Light colours" : "Dark colours");
  }

  /* Sentences of the page that speak of an area and indicator lead to them */
  function linkHighlights() {
    document.querySelectorAll(".lead[data-indicator]").forEach((span) => {
      const told = span.dataset;
      const kind = data.kinds.findIndex((one) => one.kind === told.kind);
      if (kind < 0) { return; }
      const row = data.kinds[kind].indicators.findIndex((one) =>
        one.name === told.indicator && one.topic === told.topic);
      const area = data.kinds[kind].codes.indexOf(told.area);
      if (row < 0) { return; }
      const period = data.kinds[kind].indicators[row].periods.length - 1;
      const link = make("a");
      link.href = address({ ...state, kind, row, area, period, other: -1, colour: "figure",
        spots: -1, months: false, theme: "" });
      link.append(...span.childNodes);
      link.addEventListener("click", () => byId("explore").focus());
      span.append(link);
    });
  }

  function linkQuestions() {
    document.querySelectorAll("[data-question]").forEach((line) => {
      const place = Number(line.dataset.question);
      if (!data.spots[place].layers.length) { return; }
      const show = button("Show on the map", () => {
        state.spots = place;
        refresh();
        byId("explore").focus();
      });
      show.setAttribute("aria-label", `Show on the map: ${data.spots[place].name}`);
      line.prepend(show);
    });
  }
