"use strict";
// Without this every page works: it brings news without a reload, keys, and times that go on.
(() => {
  const main = () => document.getElementById("main");
  const span = (s) => {
    const say = (n, what) => n + " " + what + (n === 1 ? "" : "s");
    const steps = [[60, 1, "second"], [3600, 60, "minute"], [86400, 3600, "hour"], [5184000, 86400, "day"], [63072000, 2592000, "month"]];
    for (const [under, unit, what] of steps) if (s < under) return say(Math.floor(s / unit), what);
    return say(Math.floor(s / 31536000), "year");
  };
  const tick = () => {
    for (const t of document.querySelectorAll("time[datetime]")) {
      const s = (Date.now() - Date.parse(t.dateTime)) / 1000;
      t.textContent = s < 0 ? "in " + span(-s) : s < 10 ? "just now" : span(s) + " ago";
    }
  };
  setInterval(tick, 15000);

  // What somebody is writing, or has folded out, stays.
  const busy = () => {
    const at = document.activeElement;
    const written = [...document.querySelectorAll("main textarea, main input")].some((i) => i.type !== "hidden" && i.value !== i.defaultValue);
    return written || (at && at.closest("main form")) || document.querySelector("dialog[open]");
  };
  let late = false;
  const fetchMain = async () => {
    if (document.hidden || busy()) { late = true; return; }
    late = false;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", redirect: "manual" }).catch(() => null);
    if (answer && answer.type === "opaqueredirect") { location.reload(); return; } // nobody is signed in any more
    if (!answer || !answer.ok || busy()) return;
    const next = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    if (!next) return;
    const open = [...main().querySelectorAll("details")].map((d) => d.open);
    next.querySelectorAll("details").forEach((d, i) => { if (open[i]) d.open = true; });
    const here = rows().findIndex((r) => r.classList.contains("here"));
    main().replaceWith(document.adoptNode(next));
    if (here >= 0) go(here, false);
  };
  const live = document.body.dataset.live;
  if (live && window.EventSource) {
    let soon = 0;
    const news = new EventSource(live);
    news.onmessage = () => { clearTimeout(soon); soon = setTimeout(fetchMain, 300); };
    news.onerror = () => { if (news.readyState === EventSource.CLOSED) fetchMain(); };
    document.addEventListener("visibilitychange", () => { if (late) fetchMain(); });
  }

  const rows = () => [...document.querySelectorAll(".keys > li")];
  const go = (i, scroll) => {
    const all = rows();
    if (!all.length) return;
    i = Math.max(0, Math.min(all.length - 1, i));
    all.forEach((r, k) => r.classList.toggle("here", k === i));
    if (scroll) all[i].scrollIntoView({ block: "nearest" });
    const link = all[i].querySelector("a");
    if (link && scroll) link.focus({ preventScroll: true });
  };
  const step = (by) => {
    const at = rows().findIndex((r) => r.classList.contains("here"));
    if (rows().length) return go(at < 0 ? (by > 0 ? 0 : rows().length - 1) : at + by, true);
    const blocks = [...document.querySelectorAll(".block")];
    const next = blocks.findIndex((b) => b.getBoundingClientRect().top > 1);
    const to = blocks[by > 0 ? (next < 0 ? blocks.length - 1 : next + (blocks[next].getBoundingClientRect().top < 20 ? 1 : 0)) : Math.max(0, (next < 0 ? blocks.length : next) - 1)];
    if (to) to.scrollIntoView({ block: "start" });
  };
  const help = document.getElementById("help");
  document.addEventListener("keydown", (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
    const act = {
      j: () => step(1), k: () => step(-1), "?": () => (help.open ? help.close() : help.showModal()),
      "/": () => { const s = document.getElementById("search"); if (s) s.focus(); },
      a: () => {
        const d = document.getElementById("decide");
        if (!d) return;
        d.scrollIntoView();
        const first = d.querySelector("input:not([type=hidden]), button");
        if (first) first.focus({ preventScroll: true });
      },
      u: () => { location.href = "/gates"; },
    }[e.key];
    if (act) { e.preventDefault(); act(); }
  });
})();
