// The pages are complete without script. This adds what depends on the reader's machine (whether
// the page is out of date, local times), moving between bars with the keyboard, and the filter.
"use strict";
{
  const words = document.currentScript.dataset;
  const built = Date.parse(document.getElementById("built")?.dateTime);
  // A page of the past has neither: it is never out of date.
  const until = Date.parse(document.getElementById("valid-until")?.dateTime);
  const stale = document.getElementById("stale");
  const RELOAD_BEFORE = 15e3; // milliseconds

  // Once the page is out of date, show it.
  const checkAge = () => {
    if (!(Date.now() > until) || stale.textContent) return;
    document.documentElement.classList.add("stale");
    stale.textContent = words.stale.replace("…", `${Math.floor((Date.now() - built) / 60e3)} min`);
  };

  checkAge();
  // Timers stop while the tab or the machine sleeps, so check again when the page becomes visible.
  setInterval(checkAge, 5000);
  addEventListener("pageshow", checkAge);
  document.addEventListener("visibilitychange", checkAge);

  // Load a newer page once, shortly before this one is out of date. If the loaded page is no newer,
  // there is no time left, so it does not load again.
  const left = until - RELOAD_BEFORE - Date.now();
  if (left > 0) setTimeout(() => location.reload(), left);

  // After each time in UTC, add the local time if it differs.
  const zone = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
  for (const time of document.querySelectorAll("time")) {
    const date = new Date(time.dateTime);
    if (date.getTimezoneOffset() === 0) continue;
    const local = document.createElement("i");
    local.className = "local";
    local.textContent = ` (${zone.format(date)})`;
    time.append(local);
  }

  // The arrow keys move from bar to bar; Tab moves to the next run of bad bars.
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

  // With more than ten sites, add a filter by name.
  const filter = document.getElementById("filter");
  const rows = [...document.querySelectorAll(".sites tbody tr")];
  if (filter && rows.length > 10) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const sections = [...document.querySelectorAll("main > section:has(.sites)")];
    const folded = [...document.querySelectorAll("details:not([open])")];
    input.type = "search";
    input.addEventListener("input", () => {
      const text = input.value.trim().toLocaleLowerCase();
      for (const row of rows)
        row.hidden = !row.cells[0].textContent.toLocaleLowerCase().includes(text);
      for (const section of sections)
        section.hidden = !section.querySelector("tbody tr:not([hidden])");
      for (const details of folded) details.open = text !== "";
    });
    label.append(filter.dataset.label, " ", input);
    filter.append(label);
  }
}
