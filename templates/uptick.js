// All that a page tells stands in it without this. Script adds what only the reader's own machine
// knows, the present moment and its zone, and what only a hand asks for.
"use strict";
{
  const until = Date.parse(document.getElementById("valid-until").dateTime);
  const stale = document.getElementById("stale");
  const RELOAD_BEFORE = 15e3; // milliseconds

  // A static page can lie by standing still: once it no longer holds, say so.
  const look = () => {
    if (Date.now() <= until || stale.textContent) return;
    document.documentElement.classList.add("stale");
    stale.textContent = stale.dataset.text;
  };

  look();
  // A timer sleeps with its tab and its machine: look again whenever the page is seen.
  setInterval(look, 5000);
  addEventListener("pageshow", look);
  document.addEventListener("visibilitychange", look);

  // Shortly before that there is news, if ever: ask for it, once. A page that is as old again has
  // no time left for this.
  const left = until - RELOAD_BEFORE - Date.now();
  if (left > 0) setTimeout(() => location.reload(), left);

  // Times are UTC; the reader's own follow, where they are others.
  const zone = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  for (const time of document.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    if (date.getTimezoneOffset() === 0) continue;
    const local = document.createElement("i");
    local.className = "local";
    local.textContent = ` (${zone.format(date)})`;
    time.append(local);
  }

  // The arrow keys lead from bar to bar; the tabulator, from trouble to trouble.
  document.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: "previousElementSibling", ArrowRight: "nextElementSibling" }[event.key];
    const bar = event.target;
    if (!step || !bar.matches(".timeline span, .bars i")) return;
    let next = bar[step];
    while (next && !next.hasAttribute("tabindex")) next = next[step];
    if (!next) return;
    next.focus();
    event.preventDefault();
  });

  // Many sites are found by their names.
  const filter = document.getElementById("filter");
  const rows = [...document.querySelectorAll(".sites tbody tr")];
  if (filter && rows.length > 10) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const sections = [...document.querySelectorAll("main > section:has(.sites)")];
    const folded = [...document.querySelectorAll("details:not([open])")];
    input.type = "search";
    input.addEventListener("input", () => {
      const words = input.value.trim().toLocaleLowerCase();
      for (const row of rows)
        row.hidden = !row.cells[0].textContent.toLocaleLowerCase().includes(words);
      for (const section of sections)
        section.hidden = !section.querySelector("tbody tr:not([hidden])");
      for (const details of folded) details.open = words !== "";
    });
    label.append(filter.dataset.label, " ", input);
    filter.append(label);
  }
}
