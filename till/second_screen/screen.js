"use strict";

const AWAY_MS = 6000; // the till says every 2 s what is shown
const AGAIN_MS = 1000;
const LEAST_PX = 20; // smaller than this nobody reads from a metre: long texts are turned over like pages instead
const PAGE_MS = 5000;

let heardAt = Date.now();
let shown = null;
let turning = null;

function element(tag, classes, ...children) {
  const made = document.createElement(tag);
  made.className = classes;
  made.append(...children); // strings become text, never markup
  return made;
}

function row(term, classes = "row") {
  return element("div", classes, element("span", "label name", term[0]), element("span", "figure", term[1]));
}

function sum(term, classes) {
  return element("div", classes, element("div", "label", term[0]), element("div", "figure", term[1]));
}

const PAGES = {
  welcome: (view) => element("main", "middle", element("h1", "", view.title), element("p", "label", view.step)),
  thanks: (view) =>
    element("main", "middle", element("h1", "", view.title), ...view.sums.map((term) => row(term, "sum"))),
  away: (view) => element("main", "middle", element("h1", "label", view.title)),
  sale(view) {
    const goods = element("div", "goods", ...(view.more ? [element("div", "label", view.more)] : []));
    goods.append(...view.lines.map((term) => row(term)));
    const has = view.who && view.who[2];
    const totals = element("div", "totals", ...(has ? [sum(has, "has")] : []));
    view.sums.forEach((term, place) => totals.append(sum(term, place === view.large ? "large" : "")));
    if (view.lines.length) {
      return element("main", "sale", goods, totals);
    }
    const both = [...(has ? [element("div", "mine", totals.firstChild)] : []), ...(view.sums.length ? [totals] : [])];
    return element("main", "sale alone", ...both);
  },
  terms(view) {
    const said = element("dl", "");
    for (const [label, text] of view.terms) {
      said.append(element("dt", "", label), element("dd", "", text));
    }
    return element("main", "terms", element("h1", "", view.title),
      element("div", "sums", ...view.sums.map((term) => row(term))), element("div", "said", said));
  },
  code(view) {
    const picture = element("img", "");
    picture.src = view.qr;
    return element("main", "code", picture, element("div", "", ...view.notes.map((note) => element("p", "", note))));
  },
};

function head(view) {
  const mark = view.mark ? [element("span", "mark", view.mark)] : [];
  const parts = [element("span", "", ...mark, element("span", "store", view.store || ""))];
  if (view.who) {
    parts.push(element("span", "who", view.who[0], element("span", "tier", view.who[1])));
  }
  return element("header", "", ...parts);
}

function foot(view) {
  const parts = view.step && view.page !== "welcome" ? [element("span", "", view.step)] : [];
  if (view.stars !== null && view.stars !== undefined) {
    parts.push(element("span", "stars", "*".repeat(view.stars)));
  }
  return element("footer", view.page === "terms" ? "asks" : "", ...parts);
}

function draw(told) {
  const view = told.page in PAGES ? told : { page: "away", title: document.body.dataset.away };
  document.body.replaceChildren(head(view), PAGES[view.page](view), foot(view));
  document.body.dataset.page = view.page;
  fit();
}

function overflowing() {
  const parts = [...document.querySelectorAll("main, .said, .goods")];
  return parts.some((part) => part.scrollHeight > part.clientHeight + 1 || part.scrollWidth > part.clientWidth + 1);
}

/* All of the terms must be readable: smaller first, and what is still too long is turned over. */
function fit() {
  clearInterval(turning);
  const root = document.documentElement;
  root.style.fontSize = "";
  let size = parseFloat(getComputedStyle(root).fontSize);
  while (overflowing() && size - 1 >= LEAST_PX) {
    size -= 1;
    root.style.fontSize = `${size}px`;
  }
  const said = document.querySelector(".said");
  if (said !== null && said.scrollHeight > said.clientHeight + 1) {
    turning = setInterval(() => {
      const isAtEnd = said.scrollTop + said.clientHeight >= said.scrollHeight - 1;
      said.scrollTop = isAtEnd ? 0 : said.scrollTop + said.clientHeight * 0.8;
    }, PAGE_MS);
  }
}

function away() {
  if (shown !== "") {
    shown = "";
    draw({ page: "away", title: document.body.dataset.away });
  }
}

function listen() {
  const stream = new EventSource("view");
  stream.onmessage = (message) => {
    heardAt = Date.now();
    if (message.data !== shown) {
      shown = message.data;
      draw(JSON.parse(message.data));
    }
  };
  stream.onerror = () => {
    away();
    stream.close(); // it would try again by itself after some causes, and after others never
    setTimeout(listen, AGAIN_MS);
  };
}

away();
listen();
setInterval(() => Date.now() - heardAt > AWAY_MS && away(), 1000);
addEventListener("resize", fit);
