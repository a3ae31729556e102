/* The script of a page with several maps: an area chosen in one is marked in all, and all show the
   same part. A constant file: every text comes from the page and is set as text. */
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const NEAREST = 12;
  const maps = [...document.querySelectorAll("svg.map")];
  const areas = maps.map((map) => [...map.querySelectorAll("[data-area]")]);
  const table = document.querySelector("#table-0 table");
  const rows = [...table.tBodies[0].rows];
  const find = document.getElementById("find");
  const whole = maps.length ? box(maps[0]) : null;
  let chosen = null;
  let view = whole;

  start();

  function start() {
    document.documentElement.classList.add("live");
    document.querySelectorAll(".live[hidden]").forEach((part) => { part.hidden = false; });
    const order = rows.map((row, place) => [row.cells[0].textContent, place]);
    order.sort((a, b) => a[0].localeCompare(b[0], "en-GB", { numeric: true }) || a[1] - b[1]);
    order.forEach(([name, place]) => {
      const option = document.createElement("option");
      option.value = String(place);
      option.textContent = name;
      option.dir = "auto";
      find.append(option);
    });
    find.addEventListener("change", () => choose(find.value === "" ? null : Number(find.value)));
    maps.forEach(prepare);
    document.getElementById("nearer").addEventListener("click", () => zoom(0.6));
    document.getElementById("farther").addEventListener("click", () => zoom(1 / 0.6));
    document.getElementById("whole").addEventListener("click", () => show(whole));
    tellHeight();
  }

  function box(map) { return map.getAttribute("viewBox").split(" ").map(Number); }

  function prepare(map, panel) {
    map.setAttribute("role", "group");
    map.setAttribute("aria-describedby", "keys-help");
    areas[panel].forEach((area, place) => {
      area.setAttribute("role", "button");
      area.setAttribute("aria-pressed", "false");
      area.setAttribute("tabindex", place === 0 ? "0" : "-1");
      const number = Number(area.dataset.area);
      area.addEventListener("click", () => { if (!map.dragged) { choose(number); } });
      area.addEventListener("pointerenter", () => read(number));
      area.addEventListener("pointerleave", () => read(chosen));
      area.addEventListener("focus", () => {
        if (area.matches(":focus-visible")) { ring(map, number, "focus"); read(number); }
      });
      area.addEventListener("blur", () => { ring(map, null, "focus"); read(chosen); });
      area.addEventListener("keydown", (event) => onKey(event, panel, place, number));
    });
    map.addEventListener("pointerdown", (event) => drag(map, event));
  }

  function onKey(event, panel, place, number) {
    const last = areas[panel].length - 1;
    const next = { ArrowRight: place + 1, ArrowDown: place + 1, ArrowLeft: place - 1,
      ArrowUp: place - 1, Home: 0, End: last }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(number);
    } else if (next !== undefined) {
      event.preventDefault();
      const goal = areas[panel][(next + last + 1) % (last + 1)];
      areas[panel].forEach((one) => one.setAttribute("tabindex", one === goal ? "0" : "-1"));
      goal.focus({ focusVisible: true });
    }
  }

  /* One area, in all maps, in the list and in the table */
  function choose(number) {
    chosen = number;
    find.value = number === null ? "" : String(number);
    maps.forEach((map, panel) => {
      ring(map, number, "chosen");
      areas[panel].forEach((area) => {
        area.setAttribute("aria-pressed", String(Number(area.dataset.area) === number));
      });
    });
    rows.forEach((row, place) => row.classList.toggle("chosen", place === number));
    read(number);
  }

  function read(number) {
    maps.forEach((map, panel) => {
      const line = map.parentElement.querySelector(".reading");
      line.replaceChildren();
      const area = areas[panel].find((one) => Number(one.dataset.area) === number);
      if (!area) { return; }
      const name = document.createElement("strong");
      name.textContent = rows[number].cells[0].textContent;
      name.dir = "auto";
      const told = document.createElement("span");
      told.textContent = area.dataset.told;
      line.append(name, told);
    });
  }

  function ring(map, number, name) {
    map.querySelectorAll(`.ring-${name}`).forEach((one) => one.remove());
    if (number === null) { return; }
    const looks = name === "focus" ? ["focus-under", "focus"] : ["under", "over"];
    looks.forEach((look) => {
      const shape = document.createElementNS(SVG, "use");
      shape.setAttribute("href", `#area-${number}`);
      shape.setAttribute("class", `mark-ring ring-${name} ${look}`);
      map.insertBefore(shape, map.querySelector(".names"));
    });
  }

  /* All maps show the same part */
  function show(part) {
    view = part;
    maps.forEach((map) => map.setAttribute("viewBox", part.map((one) => one.toFixed(2)).join(" ")));
    document.documentElement.classList.toggle("near", part[2] < whole[2] - 0.5);
  }

  function zoom(times) {
    const wide = Math.min(Math.max(view[2] * times, whole[2] / NEAREST), whole[2]);
    const high = wide * whole[3] / whole[2];
    const middle = chosen === null || times > 1 ? null : centre(chosen);
    const x = middle ? middle[0] : view[0] + view[2] / 2;
    const y = middle ? middle[1] : view[1] + view[3] / 2;
    show(within([x - wide / 2, y - high / 2, wide, high]));
  }

  function centre(number) {
    const shape = document.getElementById(`area-${number}`);
    if (!shape) { return null; }
    const { x, y, width, height } = shape.getBBox();
    return [x + width / 2, y + height / 2];
  }

  function within([x, y, wide, high]) {
    return [Math.min(Math.max(x, 0), whole[2] - wide), Math.min(Math.max(y, 0), whole[3] - high),
      wide, high];
  }

  function drag(map, event) {
    map.dragged = false;
    if (!document.documentElement.classList.contains("near") || event.button) { return; }
    const from = [event.clientX, event.clientY];
    const before = view;
    const scale = view[2] / map.getBoundingClientRect().width;
    const move = (now) => {
      const shift = [now.clientX - from[0], now.clientY - from[1]];
      map.dragged = map.dragged || Math.hypot(...shift) > 4;
      if (map.dragged) {
        show(within([before[0] - shift[0] * scale, before[1] - shift[1] * scale, before[2],
          before[3]]));
      }
    };
    const stop = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", stop);
      window.removeEventListener("pointercancel", stop);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", stop);
    window.addEventListener("pointercancel", stop);
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
