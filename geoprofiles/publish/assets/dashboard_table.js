
  /* The table beside the map: every area, in order of its figure */

  function tableColumns(row) {
    const last = isLatest();
    const period = state.period;
    const columns = [
      { title: "Rank", numeric: true, text: (area) => rankNow(area), value: (area) => rankNow(area) },
      { title: initial(kindNow().kind), key: "name", value: (area) => nameOf(area) },
      { title: "Figure", numeric: true, text: (area) => figure(row, at(row.v, period, area)),
        value: (area) => at(row.v, period, area) },
    ];
    if (row.lo && row.lo[period]) {
      columns.push({ title: "95% limits", fixed: true, text: (area) => limits(row, period, area) });
    }
    columns.push({ title: "", bar: true });
    if (row.n && row.n[period]) {
      columns.push({ title: "Count", numeric: true, text: (area) => number(at(row.n, period, area), 0),
        value: (area) => at(row.n, period, area) });
    }
    if (isTested(row)) {
      columns.push({ title: "Against the rest", found: (area) => judged(row, area),
        value: (area) => testedWord(row, "verdict", area) });
    }
    if (last && row.change) {
      columns.push({ title: "Change in a year", text: (area) => changeWords(row, area).split(" (")[0],
        value: (area) => (row.change.p ? row.change.p[area] : null), numeric: true });
    }
    return columns;
  }

  function rankNow(area) {
    const values = valuesNow();
    const known = isLatest() && rowNow().rank ? rowNow().rank[area] : null;
    if (values[area] === null || known !== null) { return known === null ? "" : known; }
    return 1 + values.filter((one) => one !== null && one > values[area]).length;
  }

  /* By the figure where another indicator lacks the column that was chosen */
  function sortNow(columns) {
    const column = columns.find((one) => keyOf(one) === state.sort.by);
    return column ? { column, rising: state.sort.rising } : { column: columns[2], rising: false };
  }

  function keyOf(column) { return column.key || column.title; }

  function orderOf(columns) {
    const places = kindNow().codes.map((_, area) => area);
    const { column, rising } = sortNow(columns);
    const sign = rising ? 1 : -1;
    const known = (one) => one !== null && one !== "" && one !== undefined;
    return places.sort((a, b) => {
      const [one, two] = [column.value(a), column.value(b)];
      if (!known(one) || !known(two)) { return known(two) - known(one) || a - b; }
      const way = typeof one === "string" ? one.localeCompare(two, "en-GB", { numeric: true }) : one - two;
      return sign * way || a - b;
    });
  }

  function drawTable() {
    const row = rowNow();
    const columns = tableColumns(row);
    const box = make("div", "scroll");
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-labelledby", "ranking-caption");
    const table = make("table");
    const caption = make("caption");
    caption.id = "ranking-caption";
    caption.append(make("span", "", captionOf(row)));
    const head = make("tr");
    const sorting = sortNow(columns);
    columns.forEach((column, place) => head.append(headOf(column, place, sorting)));
    const heads = make("thead");
    heads.append(head);
    const body = make("tbody");
    const ends = barEnds(row);
    body.append(...orderOf(columns).map((area) => rowOf(row, columns, area, ends)));
    table.append(caption, heads, body);
    box.append(table);
    byId("ranking").replaceChildren(box, ...keyOfTable(row, columns));
  }

  /* What the bars and the verdicts mean, as far as they stand in the table */
  function keyOfTable(row, columns) {
    const { kind, plural } = kindNow();
    const parts = [];
    if (row.lo && row.lo[state.period]) { parts.push("the thin line is the 95% limits"); }
    if (row.whole[state.period] !== null) {
      parts.push(`the upright line is all ${plural} together (${figure(row, row.whole[state.period])})`);
    }
    const lines = parts.length ? [make("p", "note bar-note", `Bars: ${parts.join(", ")}.`)] : [];
    const found = columns.find((one) => one.found);
    if (found && kindNow().codes.some((_, area) => found.found(area).words.endsWith("differ anyway"))) {
      lines.push(make("p", "note", `“As areas differ”: more than chance, yet no more than one ${kind} commonly`
        + " differs from another."));
    }
    return lines;
  }

  function captionOf(row) {
    return `${row.name} by ${kindNow().kind}, ${unitWords(row)}, ${row.periods[state.period]}`;
  }

  function headOf(column, place, sorting) {
    const cell = make("th", column.bar ? "bar-cell" : column.numeric ? "n" : "");
    cell.scope = "col";
    if (column.bar) {
      cell.append(make("span", "unseen", "The same as a bar"));
      return cell;
    }
    if (!column.value) { cell.textContent = column.title; return cell; }
    const sorted = sorting.column === column;
    if (sorted) { cell.setAttribute("aria-sort", sorting.rising ? "ascending" : "descending"); }
    const sort = button(column.title, () => {
      state.sort = { by: keyOf(column), rising: sorted ? !sorting.rising : !column.numeric || place === 0 };
      drawTable();
      byId("ranking").querySelectorAll("thead th")[place].querySelector("button").focus();
    }, "sort");
    cell.append(sort);
    return cell;
  }

  function rowOf(row, columns, area, ends) {
    const line = make("tr");
    line.dataset.code = kindNow().codes[area];
    if (area === state.area) { line.className = "chosen"; }
    if (area === state.other) { line.className = "compared"; }
    columns.forEach((column, place) => {
      if (place === 1) { line.append(nameCell(area)); return; }
      const cell = make("td", column.numeric ? "n" : column.fixed ? "nowrap" : "");
      if (column.bar) {
        cell.className = "bar-cell";
        cell.append(bar(row, area, ends));
      } else if (column.found) {
        cell.append(tag(row, column.found(area), true));
      } else { cell.textContent = column.text(area); }
      line.append(cell);
    });
    return line;
  }

  function nameCell(area) {
    const cell = make("th");
    cell.scope = "row";
    const name = button(nameOf(area), () => {
      chooseArea(area);
      const again = byId("ranking").querySelector(`tr.chosen th button`);
      if (again) { again.focus({ preventScroll: true }); }
    }, "name-button");
    name.setAttribute("aria-pressed", String(area === state.area));
    cell.append(name);
    return cell;
  }

  /* The axis of the bars: from 0, or from the least figure where some are below it */
  function barEnds(row) {
    const period = state.period;
    const all = [...valuesNow(), ...((row.hi && row.hi[period]) || []), ...((row.lo && row.lo[period]) || []),
      row.whole[period]].filter((one) => one !== null && one !== undefined);
    const low = all.reduce((a, b) => Math.min(a, b), 0);
    const high = all.reduce((a, b) => Math.max(a, b), 0);
    return [low, high > low ? high : low + 1];
  }

  function bar(row, area, [low, high]) {
    const x = (value) => 100 * (value - low) / (high - low);
    const svg = makeSvg("svg", { class: "bar", viewBox: "0 0 100 14", "aria-hidden": "true",
      preserveAspectRatio: "none" });
    const value = at(row.v, state.period, area);
    if (value !== null) {
      const [from, to] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
      svg.append(makeSvg("rect", { class: "bar-fill", x: from, y: 3, width: Math.max(to - from, 0.5), height: 8 }));
      const [one, two] = [at(row.lo, state.period, area), at(row.hi, state.period, area)];
      if (one !== null && two !== null) {
        svg.append(makeSvg("path", { class: "bar-limits", d: `M${x(one)} 7H${x(two)}M${x(one)} 4V10M${x(two)} 4V10` }));
      }
    }
    const whole = row.whole[state.period];
    if (whole !== null) { svg.append(makeSvg("path", { class: "bar-whole", d: `M${x(whole)} 0V14` })); }
    return svg;
  }
