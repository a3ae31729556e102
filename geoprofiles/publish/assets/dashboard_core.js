/* The script of the dashboard, in parts that are put together in order: this one holds the data,
   what is chosen, and small helpers. Data come from the JSON block; every text of theirs is set
   as text, never as HTML. */
(() => {
  "use strict";

  const SCALE = 1e5;
  const FEW_STOPS = 40;
  const SVG = "http://www.w3.org/2000/svg";
  const NO_DATA = "no data";
  const FROM_WORST = ["worse", "higher", "worse-anyway", "higher-anyway", "none", "lower-anyway", "better-anyway",
    "lower", "better", "untested", "k0"];
  const ADDRESSED = window.location.protocol !== "about:";

  const data = JSON.parse(byId("data").textContent);
  const state = {
    kind: 0, row: 0, period: 0, area: -1, other: -1, colour: "figure", spots: -1, months: false,
    sort: { by: "Figure", rising: false }, theme: "",
  };

  /* What is chosen */

  function kindNow() { return data.kinds[state.kind]; }
  function rowNow() { return kindNow().indicators[state.row]; }
  function isLatest() { return state.period === rowNow().periods.length - 1; }
  function wholeName() { return `All ${kindNow().plural} together`; }
  function nameOf(area) { return kindNow().names[area]; }

  function valuesNow(row = rowNow(), period = state.period) { return row.v[period]; }
  function at(grid, period, area) { return grid && grid[period] ? grid[period][area] : null; }

  function testedWord(row, name, area) {
    const places = row.tested[name];
    return places && places[area] >= 0 ? data.words[places[area]] : "";
  }

  /* Elements */

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
    // Signs that turn the text around them would turn a label of the map back to front.
    if (text !== undefined) { element.textContent = text.replace(/[\u202a-\u202e\u2066-\u2069]/g, ""); }
    return element;
  }

  function button(text, onClick, className = "quiet") {
    const element = make("button", className, text);
    element.type = "button";
    element.addEventListener("click", onClick);
    return element;
  }

  function pressOn(event, act) {
    if (event.key === "Enter" || event.key === " ") { event.preventDefault(); act(); }
  }

  /* Words */

  function number(value, decimals) {
    if (value === null || value === undefined) { return NO_DATA; }
    const text = value.toLocaleString("en-GB", {
      minimumFractionDigits: decimals, maximumFractionDigits: decimals, roundingMode: "halfEven",
    });
    return (/[1-9]/.test(text) ? text : text.replace("-", "")).replace("-", "−");
  }

  function figure(row, value) { return number(value, row.decimals); }

  function withUnit(row, value) {
    const text = figure(row, value);
    if (text === NO_DATA) { return text; }
    return row.unit.startsWith("%") ? text + row.unit : `${text} ${row.unit}`;
  }

  /* "%" alone is no word */
  function unitWords(row) { return row.unit === "%" ? "per cent" : row.unit; }

  function limits(row, period, area) {
    const low = at(row.lo, period, area);
    const high = at(row.hi, period, area);
    return low === null || high === null ? "" : `${figure(row, low)} to ${figure(row, high)}`;
  }

  function percent(value) { return `${value > 0 ? "+" : ""}${number(value, Math.abs(value) < 10 ? 1 : 0)}%`; }

  function changeWords(row, area) {
    const change = row.change;
    if (!change) { return ""; }
    if (!change.p || change.p[area] === null) {
      const counts = [change.from, change.to].map((one) => (one ? one[area] : null));
      return counts.includes(null) ? "" : `${number(counts[0], 0)} to ${number(counts[1], 0)}`;
    }
    const ends = [change.lo, change.hi].map((one) => (one ? one[area] : null));
    const range = ends.includes(null) ? "" : ` (${percent(ends[0])} to ${percent(ends[1])})`;
    return percent(change.p[area]) + range;
  }

  function rankWords(row, area) {
    if (!row.rank || row.rank[area] === null) { return ""; }
    const low = row.rankLo ? row.rankLo[area] : null;
    const high = row.rankHi ? row.rankHi[area] : null;
    const range = low === null || high === null || low === high ? "" : `, may be ${low} to ${high}`;
    return `${row.rank[area]} of ${row.ranked}${range}`;
  }

  function initial(text) { return text.slice(0, 1).toUpperCase() + text.slice(1); }

  /* How a figure is judged: a class for its colour, a sign, and words */

  function judged(row, area) {
    const said = testedWord(row, "significance", area) || testedWord(row, "verdict", area);
    return judge(row, said);
  }

  /* Whether any area was held against the rest; a column of "not tested" tells nothing */
  function isTested(row) {
    return isLatest() && kindNow().codes.some((_, area) => !["", "not tested"].includes(judged(row, area).words));
  }

  function judgedChange(row, area) {
    const said = testedWord(row, "change_verdict", area);
    if (said === "more") { return judge(row, "higher than before"); }
    if (said === "fewer") { return judge(row, "lower than before"); }
    return judge(row, said);
  }

  function judge(row, said) {
    if (!said || said === "not tested") { return { key: "untested", sign: "", words: said }; }
    const up = said.startsWith("higher") || said === "worse" && row.polarity === "high is bad"
      || said === "better" && row.polarity === "high is good";
    const down = !up && (said.startsWith("lower") || said === "worse" || said === "better");
    if (!up && !down) { return { key: "none", sign: "", words: said }; }
    const judgement = row.polarity === "neither" ? (up ? "higher" : "lower")
      : (up === (row.polarity === "high is bad") ? "worse" : "better");
    const anyway = said.endsWith("differ anyway");
    return { key: anyway ? `${judgement}-anyway` : judgement, sign: up ? "▲" : "▼", words: said };
  }

  function tag(row, found, short = false) {
    const words = short ? found.words.replace("as areas differ anyway", "as areas differ") : found.words;
    const element = make("span", `tag tag-${found.key}`, words);
    if (found.sign) {
      const sign = make("span", "tag-sign", `${found.sign} `);
      sign.setAttribute("aria-hidden", "true");
      element.prepend(sign);
    }
    return element;
  }

  /* The areas that stand out, or changed, in words: the surest answer that a map can have as its title */
  function foundWords(row) {
    const { kind, plural, codes } = kindNow();
    const judge = state.colour === "verdict" ? judged : judgedChange;
    const found = new Map();
    codes.forEach((_, area) => {
      const { key, sign, words } = judge(row, area);
      if (!sign || key.endsWith("anyway")) { return; }
      found.set(words, [...(found.get(words) || []), nameOf(area)]);
    });
    const told = [...found].map(([words, names]) =>
      `${words} in ${names.length > 2 ? `${names.length} ${plural}` : names.join(" and ")}`);
    if (told.length) { return told.join("; "); }
    return state.colour === "verdict" ? `no ${kind} differs from the rest by more than ${plural} commonly do`
      : `no ${kind} changed by more than chance may bring`;
  }

  /* Classes of the map */

  function classOf(row, value) {
    if (value === null || value === undefined) { return -1; }
    const found = row.breaks.findIndex((upper) => value <= upper);
    return found === -1 ? row.breaks.length - 1 : found;
  }

  function shades(count) {
    if (count === 1) { return [3]; }
    return [...Array(count).keys()].map((one) => 1 + Math.floor(one * 4 / (count - 1) + 0.5));
  }

  function classWords(row) {
    const all = row.v.flat().filter((one) => one !== null);
    const whole = row.decimals === 0 && all.every((one) => Number.isInteger(one));
    let lower = Math.min(all.reduce((a, b) => Math.min(a, b), Infinity), row.breaks[0]);
    return row.breaks.map((upper) => {
      const shown = whole ? Math.floor(upper) : upper;
      const [low, high] = [figure(row, lower), figure(row, shown)];
      const words = low === high || lower > shown ? high : `${low} to ${high}`;
      lower = whole ? Math.floor(upper) + 1 : upper;
      return words;
    });
  }
