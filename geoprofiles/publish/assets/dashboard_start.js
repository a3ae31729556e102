
  /* Draw all that depends on what is chosen, and keep it in the address */

  function refresh() {
    showTheme();
    fillControls();
    drawMap();
    drawTable();
    drawCard();
    drawTrend();
    drawSpine();
    drawAbout();
    drawTools();
    if (ADDRESSED) { window.history.replaceState(null, "", address()); }
  }

  function start() {
    document.documentElement.classList.add("live");
    document.querySelectorAll(".live[hidden]").forEach((part) => { part.hidden = false; });
    chooseRow(0);
    state.area = highest();
    readAddress();
    buildMap();
    listenToControls();
    linkQuestions();
    refresh();
    linkHighlights();
    if (!ADDRESSED) { leadWithin(); }
    let wide = byId("map-canvas").clientWidth;
    new ResizeObserver(() => {
      if (byId("map-canvas").clientWidth === wide || !byId("map-canvas").clientWidth) { return; }
      wide = byId("map-canvas").clientWidth;
      drawSpots();
      drawNames();
      drawScale();
      drawTrend();
    }).observe(byId("map-canvas"));
    tellHeight();
  }

  /* Where a host writes the page into a frame, links within it would load the host instead */
  function leadWithin() {
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      if (!link) { return; }
      event.preventDefault();
      const part = byId(link.hash.slice(1));
      if (part) { part.scrollIntoView(); part.focus(); } else { readAddress(link.hash); refresh(); }
    });
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

  start();
})();
