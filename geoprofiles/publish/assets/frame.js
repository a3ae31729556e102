(function () {
  "use strict";
  if (window.geoprofilesFrames) { return; }
  window.geoprofilesFrames = true;
  window.addEventListener("message", function (event) {
    var told = event.data;
    if (!told || told.type !== "geoprofiles:height" || !Number.isFinite(told.height)) { return; }
    document.querySelectorAll("iframe.geoprofiles").forEach(function (frame) {
      if (frame.contentWindow === event.source) {
        frame.height = String(Math.min(Math.max(Math.ceil(told.height), 200), 30000));
      }
    });
  });
})();
