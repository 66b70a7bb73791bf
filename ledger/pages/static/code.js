// A new code every 15 s. Where none can be fetched the page says so in words, and hides a code that no till takes any more.
(function () {
  "use strict";
  var EVERY_MS = 15000, LATE_MS = 22000, LIVES_MS = 60000, BOUND_MS = 8000;
  var box = document.getElementById("code"), drawing = document.getElementById("drawing");
  var drawnAt = Date.now(), askedAt = drawnAt, isAsking = false, hasFailed = false;

  function show() {
    var age = Date.now() - drawnAt;
    box.dataset.state = age >= LIVES_MS ? "gone" : hasFailed || age >= LATE_MS ? "stale" : "fresh";
  }

  function renew() {
    if (isAsking) { return; }
    isAsking = true;
    var sentAt = askedAt = Date.now(), bound = new AbortController();
    var timer = setTimeout(function () { bound.abort(); }, BOUND_MS);
    fetch("/code.svg", { cache: "no-store", credentials: "same-origin", signal: bound.signal }).then(function (answer) {
      if (answer.status === 401) { location.reload(); }
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.text();
    }).then(function (text) {
      var image = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      drawing.replaceChildren(document.importNode(image, true));
      drawnAt = sentAt;
      hasFailed = false;
    }).catch(function () { hasFailed = true; }).then(function () {
      clearTimeout(timer);
      isAsking = false;
      show();
    });
  }

  setInterval(function () {
    if (!document.hidden && Date.now() - askedAt >= EVERY_MS) { renew(); }
    show();
  }, 1000);
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { show(); renew(); } });
  window.addEventListener("online", renew);
  window.addEventListener("pageshow", function (event) { if (event.persisted) { show(); renew(); } });
}());
