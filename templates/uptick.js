// The pages are complete without script. This adds what depends on the reader: how old the page is by
// now, newer pages, times of the own zone, filters, a remembered span, and tooltips for all bars.
"use strict";
{
  const SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR;
  const words = document.currentScript.dataset;
  const root = document.documentElement;
  const find = (selector) => document.querySelector(selector);
  const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const moment = (selector) => Date.parse(find(selector)?.dateTime);

  // A page of the past has none of these: it is never out of date.
  const built = moment("#built"), until = moment("#valid-until");
  const isPast = !built;
  const shown = built || moment(".past time"); // the moment that the page shows

  root.classList.add("script");

  // What a browser remembers; it may refuse to.
  const memory = (kind) => ({
    get(key) {
      try { return JSON.parse(globalThis[kind].getItem(key)); } catch { return null; }
    },
    set(key, value) {
      try { globalThis[kind].setItem(key, JSON.stringify(value)); } catch { /* not remembered */ }
    },
  });
  const always = memory("localStorage"), thisTab = memory("sessionStorage");
  const TAB_KEY = `uptick ${location.pathname}`;
  const saved = thisTab.get(TAB_KEY) ?? {};

  // A duration in its two largest units, rounded down, as the pages write it.
  const units = words.units.split("|");
  const duration = (ms) => {
    const sizes = [DAY, HOUR, MINUTE, SECOND];
    const i = sizes.findIndex((size) => ms >= size);
    if (i < 0) return `0 ${units[3]}`;
    const rest = i < 3 ? Math.floor((ms % sizes[i]) / sizes[i + 1]) : 0;
    return `${Math.floor(ms / sizes[i])} ${units[i]}${rest ? ` ${rest} ${units[i + 1]}` : ""}`;
  };

  const OTHERS = ":is(svg, svg *)[aria-label]"; // what has a tooltip besides the bars of timelines
  const LONG = ".board th a, .problems a, .problems .reason bdi, .why"; // what ends with an ellipsis if it has no room

  // The clock: that of the server, once it has answered; before, that of the reader. Between answers
  // a monotonic clock counts. It may stop while the machine sleeps, and then the reader's clock is
  // ahead by more than before; but that may also have been set.
  const clock = {
    at: Date.now(), since: performance.now(), ahead: 0,
    now() { return this.at + performance.now() - this.since; },
    jump() { return Date.now() - this.now() - this.ahead; },
    set(at) { Object.assign(this, { at, since: performance.now(), ahead: Date.now() - at }); },
    // By the headers of an answer; one from a cache may be older, by Age or less. A server that is
    // days off is not believed if by the reader's clock the page is of now.
    correct(headers) {
      const date = Date.parse(headers.get("date")), age = Number(headers.get("age")) || 0, here = Date.now();
      this.isTrusted ??= Math.abs(date - here) < DAY || here < built - MINUTE || here > until;
      if (!date || !this.isTrusted) return this.doubt();
      this.set(Math.min(Math.max(this.now(), date - SECOND), date + (age + 2) * SECOND));
    },
    // Nobody knows better: the machine probably slept.
    doubt() { this.set(this.now() + Math.max(this.jump(), 0)); },
  };

  // How old the page is.
  const notice = find("#stale"), checked = find("#checked");
  const checkedAt = Date.parse(checked?.dataset.at);
  const setText = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
  const showAge = () => {
    const now = clock.now(), isStale = now > until;
    if (checkedAt) setText(checked, `${words.checked.replace("…", duration(Math.max(now - checkedAt, 0)))} · `);
    root.classList.toggle("stale", isStale);
    if (notice?.textContent) notice.ariaLive = "off"; // it is announced once, not each minute
    const old = now - built;
    if (isStale && daysBetween(namedOn, now) !== 0) localise(now);
    setText(notice, isStale ? words.stale.replace("…", duration(old < MINUTE ? old : old - old % MINUTE)) : "");
  };

  // Newer pages: the server is asked for the headers of a small file that changes with each build.
  // If it refuses HEAD, GET has to do; if that does not help either, the page loads again once, shortly
  // before it is out of date.
  const ASK_EACH = 30 * SECOND, WAIT_AT_MOST = 40 * SECOND, RELOAD_BEFORE = 15 * SECOND;
  const isFile = location.protocol === "file:";
  // If the page that was loaded for news is no newer, the next try is later each time.
  const tries = saved.built === built ? (saved.tries ?? 0) + 1 : 0;
  const wait = tries ? Math.min(ASK_EACH * 2 ** (tries - 1), 10 * MINUTE) : 0;
  const started = performance.now();
  let known = tries ? saved.known : undefined; // what the headers were for this page
  let method = saved.method ?? "HEAD", cannotAsk = isFile;
  let etag = null; // of the last answer to a GET: an answer without a body is enough
  let isAsking = false, isSettled = false, askedAt = -Infinity, answeredAt = -Infinity, reloadAt = Infinity;

  const reloadInTime = () => {
    cannotAsk = true;
    const left = until - RELOAD_BEFORE - clock.now();
    if (left > 0) reloadAt = Math.min(reloadAt, performance.now() + left);
  };

  const learn = (headers) => {
    etag = headers.get("etag");
    const modified = headers.get("last-modified"), tag = `${etag} ${modified}`;
    if (!etag && !modified) { // so news cannot be seen: as often as without script
      reloadAt = Math.min(reloadAt, started + Math.max(MINUTE, wait));
      return;
    }
    // A page from a cache can be older than the file. Both are written within seconds.
    const isNews = known ? known !== tag
      : Date.parse(modified) - Date.parse(document.lastModified) > ASK_EACH;
    if (isNews) reloadAt = Math.min(reloadAt, Math.max(performance.now(), started + wait));
    else known = tag;
  };

  const request = async () => {
    const response = await fetch(`${words.root}status.json`, { method, cache: "no-store", signal: AbortSignal.timeout(10 * SECOND),
      headers: etag && method === "GET" ? { "If-None-Match": etag } : {} });
    response.body?.cancel().catch(() => {});
    return response;
  };

  const isRefused = ({ status }) => (status >= 400 && status < 500) || status === 501;

  const ask = async () => {
    if (isAsking || isPast) return;
    isAsking = true;
    askedAt = performance.now();
    try {
      if (cannotAsk) throw new Error("nobody to ask");
      let response = await request();
      if (isRefused(response) && method === "HEAD") {
        method = "GET";
        response = await request();
      }
      clock.correct(response.headers);
      if (response.ok || response.status === 304) {
        answeredAt = performance.now();
        if (response.ok) learn(response.headers);
      } else if (isRefused(response)) {
        reloadInTime();
      }
    } catch {
      clock.doubt();
    }
    isAsking = false;
    isSettled = true;
    showAge();
  };

  // What the reader does and should find again after a reload. Elements are described by what stays:
  // their kind, and an id, a link or a class near them.
  const kindOf = ({ localName, classList }) => [localName, ...classList].map((name) => CSS.escape(name)).join(".") + (classList.length ? "" : ":not([class])");
  const describe = (element) => {
    const scope = (element.matches("details") ? element.parentElement : element).closest("[id], tr, li") ?? document.body;
    const link = scope.querySelector("a[href]")?.getAttribute("href");
    const place = scope.id ? `#${CSS.escape(scope.id)}`
      : scope === document.body ? "body"
      : link ? `${scope.localName}:has(a[href="${CSS.escape(link)}"])`
      : kindOf(scope);
    const kind = kindOf(element);
    return { place, kind, n: findAll(kind, scope).indexOf(element) };
  };
  const findAgain = ({ place, kind, n }) => {
    const scope = find(place);
    return scope && (n < 0 ? scope : findAll(kind, scope)[n]);
  };

  const view = { state: "", text: "", folds: [] };
  let typedAt = -Infinity;
  const isBusy = () => performance.now() - typedAt < 5 * SECOND || !tip.hidden || !getSelection().isCollapsed;
  document.addEventListener("input", (event) => { if (event.target.matches("[type=search]")) typedAt = performance.now(); });
  // A group or list that the reader has opened or closed stays so.
  document.addEventListener("click", (event) => {
    const details = event.target.closest("summary")?.parentElement;
    if (details) setTimeout(() => view.folds.push({ ...describe(details), open: details.open }));
  });

  const reload = () => {
    const middle = scrollY > 0 && document.elementFromPoint(innerWidth / 2, innerHeight / 3)?.closest("[id], tr, li, details, p");
    const focused = document.activeElement;
    if (middle) view.anchor = { ...describe(middle), top: middle.getBoundingClientRect().top };
    if (focused && focused !== document.body)
      view.focus = { ...describe(focused), caret: focused.matches("[type=search]") ? focused.selectionStart : null };
    view.scroll = [scrollX, scrollY];
    thisTab.set(TAB_KEY, { built, known, tries, method, view });
    history.scrollRestoration = "manual";
    location.reload();
  };

  const restore = () => {
    const { folds, anchor, focus, scroll } = saved.view;
    for (const fold of folds) {
      const details = findAgain(fold);
      if (details) details.open = fold.open;
      view.folds.push(fold);
    }
    filter(saved.view);
    const focused = focus && findAgain(focus);
    focused?.focus({ preventScroll: true });
    if (focused && focus.caret !== null) focused.setSelectionRange?.(focus.caret, focus.caret);
    scrollTo({ left: scroll[0], top: scroll[1], behavior: "instant" });
    const middle = anchor && findAgain(anchor);
    if (middle) scrollBy({ top: middle.getBoundingClientRect().top - anchor.top, behavior: "instant" });
    history.scrollRestoration = "auto";
    thisTab.set(TAB_KEY, { ...saved, view: null });
  };

  const tick = () => {
    if (isSettled) showAge();
    if (document.hidden || isPast) return;
    const now = performance.now();
    if (now - askedAt >= ASK_EACH || Math.abs(clock.jump()) > 5 * SECOND) ask();
    if (now < reloadAt || (isBusy() && now < reloadAt + WAIT_AT_MOST)) return;
    // Leave the page only if the server was there a moment ago.
    if (cannotAsk || now - answeredAt < 5 * SECOND) reload();
    else if (now - askedAt >= 5 * SECOND) ask();
  };
  const wake = () => {
    if (document.hidden) return;
    askedAt = -Infinity;
    tick();
  };

  // Counts as filters, and a field that finds names.
  const board = find(".board");
  const rows = board ? findAll("tbody tr", board) : [];
  const groups = board ? findAll("details", board) : [];
  const buttons = [];
  let input = null, openBefore = null;

  const filter = ({ state, text }) => {
    const isOn = Boolean(state || text), part = text.trim().toLocaleLowerCase(root.lang);
    Object.assign(view, { state, text });
    if (isOn) openBefore ??= groups.map((group) => group.open);
    for (const row of rows)
      row.hidden = (state !== "" && !row.classList.contains(state)) || !row.cells[0].textContent.toLocaleLowerCase(root.lang).includes(part);
    for (const [i, group] of groups.entries()) {
      group.hidden = isOn && !group.querySelector("tbody tr:not([hidden])");
      if (openBefore) group.open = isOn || openBefore[i];
    }
    if (!isOn) openBefore = null;
    for (const button of buttons) button.ariaPressed = String(button.value === state);
    if (input && input.value !== text) input.value = text;
  };

  const addFilters = () => {
    for (const item of findAll(".counts li")) {
      const button = make("button", { type: "button", value: item.classList[0], ariaPressed: "false" });
      button.append(...item.childNodes);
      button.addEventListener("click", () => filter({ ...view, state: view.state === button.value ? "" : button.value }));
      item.append(button);
      buttons.push(button);
    }
    if (rows.length > 12) {
      input = make("input", { type: "search", className: "find", placeholder: words.find, ariaLabel: words.find, ariaKeyShortcuts: "/" });
      input.addEventListener("input", () => filter({ ...view, text: input.value }));
      const spans = find(".board .spans"), finder = make("div", { className: "finder" });
      if (spans) spans.replaceWith(finder);
      else board.prepend(finder);
      finder.append(...[spans, input].filter(Boolean));
    }
  };

  // The span that the reader has chosen, for each set of choices.
  const addSpans = () => {
    const inputs = findAll(".spans input");
    const key = `uptick ${inputs.map(({ id }) => id).join(" ")}`;
    const chosen = inputs.find(({ id }) => id === always.get(key));
    if (chosen) chosen.checked = true;
    for (const one of inputs) one.addEventListener("change", () => always.set(key, one.id));
  };

  // Times in the reader's zone. The words of a day change with it; that of UTC is the title.
  const pad = (number) => String(number).padStart(2, "0");
  const clockOf = (ms) => `${pad(new Date(ms).getHours())}:${pad(new Date(ms).getMinutes())}`;
  const isZoned = [0, 3, 6, 9].some((month) => new Date(new Date(shown).getFullYear(), month).getTimezoneOffset() !== 0);
  let language;
  try { [language] = Intl.getCanonicalLocales(root.lang === "en" ? "en-GB" : root.lang); } catch { /* the reader's */ }
  const dateOf = (ms, options) => new Intl.DateTimeFormat(language, { day: "numeric", month: "short", numberingSystem: "latn", ...options })
    .format(ms).replace(/^(\p{L}+\.?),/u, "$1");
  const dayStart = (ms) => new Date(ms).setHours(0, 0, 0, 0);
  const daysBetween = (from, to) => Math.round((dayStart(to) - dayStart(from)) / DAY);

  // A day as the pages name it: today, yesterday, a weekday, a date. Nothing is today for ever.
  const dayOf = (ms, now) => {
    const days = daysBetween(ms, now);
    if (!isPast && (days === 0 || days === 1))
      return new Intl.RelativeTimeFormat(language, { numeric: "auto" }).format(-days, "day");
    return dateOf(ms, { ...(days > 1 && days < 7 && { weekday: "short" }), ...(new Date(ms).getFullYear() !== new Date(now).getFullYear() && { year: "numeric" }) });
  };

  // A time without a day is of the day that its list names, or of today.
  const timeOf = (ms, now, { isBare, context, seconds }) => {
    const clockTime = `${clockOf(ms)}${seconds ? `:${pad(new Date(ms).getSeconds())}` : ""}`;
    if (isBare && daysBetween(ms, context) === 0) return clockTime;
    const day = dayOf(ms, now);
    return `${day}${/\d/.test(day) ? "," : ""} ${clockTime}`;
  };

  const texts = new Map();
  let namedOn = shown; // the moment by which days have their names
  const localise = (now) => {
    namedOn = now;
    for (const time of findAll("time[datetime*=T]")) {
      if (!texts.has(time)) texts.set(time, time.textContent);
      const text = texts.get(time).trim(), ms = Date.parse(time.dateTime);
      const [part, seconds] = /\d\d:\d\d(:\d\d)?/.exec(text) ?? [];
      if (!ms || text.includes("UTC")) continue;
      const first = time.closest("#outages li, .outages tr")?.querySelector("time");
      const context = first?.dateTime ? Date.parse(first.dateTime) : now;
      time.title = time.dateTime.replace("T", " ").replace("Z", " UTC");
      time.textContent = part ? timeOf(ms, now, { isBare: part === text, context, seconds }) : dateOf(ms, { weekday: "short", year: "numeric" });
    }
    groupByDay(now);
  };

  // The latest outages, in lists by days.
  const groupByDay = (now) => {
    const items = findAll("#outages ul > li"), lists = findAll("#outages ul"), heads = findAll("#outages h3");
    const end = lists.at(-1)?.nextSibling;
    let day = null, list;
    for (const item of items) {
      const ms = Date.parse(item.querySelector("time")?.dateTime);
      if (dayStart(ms) !== day) {
        const name = dayOf(ms, now);
        day = dayStart(ms);
        list = make("ul");
        lists[0].parentElement.insertBefore(make("h3", { textContent: name[0].toLocaleUpperCase(language) + name.slice(1) }), end);
        lists[0].parentElement.insertBefore(list, end);
      }
      list.append(item);
    }
    for (const old of [...lists, ...heads]) old.remove();
  };

  // Clock times of the last 24 hours without a date: each is the latest such moment.
  const localClocks = (text) => text.replace(/\b(\d\d):(\d\d)\b/g, (_, hours, minutes) => {
    const end = shown + MINUTE;
    return clockOf(end - (end - hours * HOUR - minutes * MINUTE) % DAY);
  });
  const beforeReason = (text, change) => {
    const [times, ...reason] = text.split(": ");
    return [change(times), ...reason].join(": ");
  };

  const localiseOnce = () => {
    localise(shown);
    for (const bar of findAll(".timeline [aria-label]")) bar.ariaLabel = beforeReason(bar.ariaLabel, localClocks);
    for (const summary of findAll("p:has(+ .timeline), .chart:is(.span-4h, .span-24h) figcaption"))
      for (const text of [...summary.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE)) text.data = localClocks(text.data);
    // The axis of a day; longer ones show days of UTC.
    for (const text of findAll(":is(.axis .span-4h, .axis .span-24h, #axis-4h, #axis-24h) text"))
      text.textContent = text.textContent.includes(":") ? localClocks(text.textContent) : clockOf(shown - shown % DAY);
    for (const other of findAll(OTHERS))
      other.ariaLabel = beforeReason(other.ariaLabel, (times) => times.replace(/\b\d\d:\d\d\b/g, "$& UTC"));
    const name = new Intl.DateTimeFormat("en", { timeZoneName: "shortOffset" }).formatToParts(shown)
      .find(({ type }) => type === "timeZoneName").value.replace("GMT", "UTC");
    const title = Intl.DateTimeFormat().resolvedOptions().timeZone, zone = find("#zone");
    if (zone) Object.assign(zone, { title, textContent: name });
    else find(".past time")?.append(" ", make("span", { title,
      textContent: `(${dateOf(shown, { weekday: "short", year: "numeric" })}, ${clockOf(shown)} ${name})` }));
  };

  // Tooltips: one for all bars of a run, with the minute under the pointer; others in place of titles.
  const tip = make("div", { id: "tip", role: "tooltip", hidden: true });
  const hideTip = () => { tip.hidden = true; };
  let shownBar = null;
  const showTip = (bar, text) => {
    shownBar = bar;
    const { left, width } = bar.getBoundingClientRect(), { top, bottom } = bar.parentElement.getBoundingClientRect();
    tip.textContent = text;
    tip.hidden = false;
    tip.style.left = `${Math.max(8, Math.min(left + width / 2 - tip.offsetWidth / 2, root.clientWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${top > tip.offsetHeight ? top - tip.offsetHeight : bottom}px`;
  };
  const firstOfRun = (bar) => {
    let first = bar;
    while (first && first.className === bar.className && !first.hasAttribute("aria-label")) first = first.previousElementSibling;
    return first?.className === bar.className ? first : null;
  };
  const showBar = (timeline, x) => {
    const box = timeline.getBoundingClientRect(), n = timeline.children.length;
    const place = Math.max(0, Math.min(n - 1, Math.floor((x - box.left) / box.width * n)));
    const i = getComputedStyle(timeline).direction === "rtl" ? n - 1 - place : place;
    const bar = timeline.children[i], first = bar && firstOfRun(bar);
    if (!first) return hideTip();
    const minute = clockOf(shown - (n - 1 - i) * MINUTE);
    showTip(bar, `${minute} · ${first.ariaLabel}`);
  };
  const isCut = ({ scrollWidth, clientWidth }) => scrollWidth > clientWidth;
  const onPointer = (event) => {
    const timeline = event.target.closest?.(".timeline");
    const other = event.target.closest?.(OTHERS), long = event.target.closest?.(LONG);
    if (timeline) showBar(timeline, event.clientX);
    else if (other) showTip(other, other.ariaLabel);
    else if (long && isCut(long)) showTip(long, long.textContent);
    else if (!event.target.closest?.("#tip")) hideTip();
  };

  const addTips = () => {
    document.body.append(tip);
    for (const title of findAll("svg [aria-label] > title")) title.remove();
    for (const name of ["pointermove", "click"]) document.addEventListener(name, onPointer);
    addEventListener("scroll", () => { if (!tip.hidden) showTip(shownBar, tip.textContent); }, { passive: true });
    document.addEventListener("focusout", hideTip);
    // Tab stops once in each timeline, and the arrow keys move from run to run.
    document.addEventListener("focusin", ({ target }) => {
      if (target.matches(`.timeline [tabindex], ${OTHERS}`)) showTip(target, target.ariaLabel);
      else if (target.matches(LONG) && isCut(target)) showTip(target, target.textContent);
      if (!target.matches(".timeline [tabindex]")) return;
      for (const other of findAll("[tabindex]", target.parentElement)) other.tabIndex = other === target ? 0 : -1;
    });
  };

  const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  document.addEventListener("keydown", (event) => {
    const { key, target } = event;
    if (key === "Escape") {
      if (!tip.hidden) hideTip();
      else if (view.state || view.text) filter({ state: "", text: "" });
    } else if (key === "/" && input && !target.matches("input, textarea, select, [contenteditable]") && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      input.focus();
    } else if (key in STEPS && target.matches(".timeline [tabindex]")) {
      const runs = findAll("[tabindex]", target.parentElement);
      event.preventDefault();
      runs[Math.max(0, Math.min(runs.length - 1, runs.indexOf(target) + STEPS[key]))].focus();
    }
  });

  addTips();
  addFilters();
  addSpans();
  if (isZoned) localiseOnce();
  if (saved.view) restore();
  if (!isPast) {
    if (isFile) reloadInTime();
    ask();
    setInterval(tick, SECOND);
    document.addEventListener("visibilitychange", wake);
    addEventListener("pageshow", ({ persisted }) => { if (persisted) wake(); });
    addEventListener("online", wake);
  }
}
