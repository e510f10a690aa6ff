// What must be true of every page of every dashboard, whatever its sites, its history and its clock: the
// page agrees with status.json and with itself.
import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { BUCKET_CLASSES, INDEX, MONTHS, TIMELINE, WEEKDAYS } from "./promises.mjs";
import { assertNone } from "./suite.mjs";

const DAY = 86_400_000;
const SPAN_DAYS = { "24h": 1, "7d": 7, "30d": 30, "90d": 90, "365d": 365 };

// All that is compared, read from the page at once.
function read(page, selectors) {
  return page.evaluate(({ timeline, index }) => {
    const text = (element) => element?.textContent.replace(/\s+/g, " ").trim() ?? "";
    const all = (selector, root = document) => [...root.querySelectorAll(selector)];
    const timelineOf = (element) => [...(element?.querySelectorAll(":scope > span") ?? [])].map(({ className }) => className);
    const ids = all("[id]").map(({ id }) => id);

    return {
      ids,
      links: all("a[href]").map((a) => a.getAttribute("href")).concat(all("use[href], [data-href]").map((a) => a.getAttribute("href"))),
      timelines: all(timeline).map(timelineOf),
      times: all("time").map((time) => ({ moment: time.getAttribute("datetime") ?? "", text: text(time), html: time.outerHTML.slice(0, 140) })),
      undated: all("body *").filter((one) => !one.closest("time, script, style, svg") && !one.children.length)
        .map(text).filter((shown) => /\b(undefined|NaN)\b|\[object /.test(shown)),
      rows: all(index.row).map((row) => ({ site: row.querySelector("a[href]")?.getAttribute("href"), state: row.className,
        words: text(row), timeline: timelineOf(row.querySelector(timeline)), figures: all(index.figure, row).map(text) })),
      counts: all(index.count).map((one) => ({ state: one.className, number: Number(text(one.querySelector("b"))) })),
      problems: all(index.problem).map((one) => ({ href: one.querySelector("a[href]")?.getAttribute("href") ?? "", words: text(one) })),
    };
  }, selectors);
}

const LETTERS = { U: "up", D: "down", T: "down", B: "bot", G: "degraded", "-": "unknown", M: "maintenance" };
const spelled = (letters) => [...letters].map((letter) => LETTERS[letter]).join();

// The ids of another page, and whether it exists.
function idsOf(dashboard, file) {
  if (!existsSync(join(dashboard.public, file))) return null;
  return new Set([...dashboard.read(file).matchAll(/\sid=(?:"([^"]*)"|([^\s>"]+))/g)].map(([, quoted, bare]) => quoted ?? bare));
}

function badLinks({ links, ids }, dashboard, name, kept = new Map()) {
  return links.flatMap((href) => {
    if (!href || /^(?:https?|mailto):/.test(href)) return [];
    const [path, fragment] = href.split("#");
    const file = path ? normalize(join(dirname(name), decodeURIComponent(path.split("?")[0]))) : name;
    if (!kept.has(file)) kept.set(file, file === name ? new Set(ids) : idsOf(dashboard, file.endsWith("/") || file === "." ? join(file, "index.html") : file));
    const there = kept.get(file);
    if (!there) return [`${href}: no such file`];
    return fragment && !there.has(decodeURIComponent(fragment)) ? [`${href}: nothing has this id`] : [];
  });
}

// Whether the text of a moment is this moment in UTC, as people write it on the day `now`.
export function momentFault(text, moment, now) {
  const time = Date.parse(moment);

  if (Number.isNaN(time)) return `"${moment}" is no moment`;
  const [iso, clock] = [new Date(time).toISOString().slice(0, 10), new Date(time).toISOString().slice(11, 19)];
  let rest = text.replace(/\u00a0/g, " ").replace(/\bUTC\b/, "");
  const shown = /\b(\d\d:\d\d)(:\d\d)?\b/.exec(rest);
  if (shown && !clock.startsWith(shown[0])) return `shows ${shown[0]} for ${clock}`;
  if (shown) rest = rest.replace(shown[0], "");
  rest = rest.replace(/[,.]|\bat\b|\bum\b|\bUhr\b/g, " ").replace(/\s+/g, " ").trim();
  if (rest === iso || rest === "") return shown || rest ? "" : "shows nothing";
  const daysAgo = Math.floor(now / DAY) - Math.floor(time / DAY);
  if (/^(today|heute)$/i.test(rest)) return daysAgo === 0 ? "" : `${rest} was ${daysAgo} days ago`;
  if (/^(yesterday|gestern)$/i.test(rest)) return daysAgo === 1 ? "" : `${rest} was ${daysAgo} days ago`;
  // "As it was on Tue 24 Nov 2026": there may be other words first.
  const named = /(?:^| )(?:(\p{L}+) )?(\d{1,2}) (\p{L}+)(?: (\d{4}))?$/u.exec(rest);
  if (!named) return "is no date";
  const date = new Date(time);
  const [, word, day, month, year] = named;
  const weekday = WEEKDAYS.some((list) => list.includes(word)) && word;
  if (weekday && !WEEKDAYS.some((list) => list[date.getUTCDay()] === weekday)) return `${weekday} is another day`;
  if (day && Number(day) !== date.getUTCDate()) return `day ${day} is another one`;
  if (month && !MONTHS.some((list) => list[date.getUTCMonth()] === month)) return `${month} is another month`;
  if (year ? Number(year) !== date.getUTCFullYear() : day && date.getUTCFullYear() !== new Date(now).getUTCFullYear()) return `${year ?? "no year"} for ${date.getUTCFullYear()}`;
  return "";
}

function badTimes({ times }, now) {
  return times.filter(({ moment }) => !moment.startsWith("P")).flatMap(({ text, moment, html }) => {
    const fault = !moment ? "has no datetime" : momentFault(text, moment, now);
    return fault ? [`${fault}: ${html}`] : [];
  });
}

// Whether pages may show this uptime: half of the span is there, and half of what is there was measured.
export function isCovered({ measured_percent: measured, since }, span, now) {
  if (!since) return false;
  const watched = Math.min(1, (now - Date.parse(since)) / (SPAN_DAYS[span] * DAY));

  return watched >= 0.5 && measured / 100 >= watched / 2;
}

// Rounded down, to so many decimals.
export const percent = (uptime, decimals) => {
  const thousandths = Math.round(uptime * 1000);
  return (Math.floor(thousandths / 10 ** (3 - decimals)) / 10 ** decimals).toFixed(decimals);
};

function badRow(row, site, now) {
  const wrong = [];
  const expect = (fine, text) => fine || wrong.push(`${site.id}: ${text}`);

  expect(row.timeline.join() === spelled(site.timeline), "its timeline is not that of status.json");
  INDEX.spans.forEach((span, i) => {
    const [uptime, shown] = [site.uptime[span], row.figures[i] ?? ""];
    // Half of a span is a matter of the minute: nothing is expected close to it.
    if (uptime.uptime_percent === null || !isCovered(uptime, span, now - 3 * 60_000))
      expect(!isCovered(uptime, span, now + 3 * 60_000) || uptime.uptime_percent === null ? shown.startsWith("–") : true, `${span}: ${shown} without data`);
    else expect(shown.replace(/[\s%]|,(?=\d\d$)/g, (sign) => sign === "," ? "." : "") === percent(uptime.uptime_percent, 2), `${span}: ${shown} for ${uptime.uptime_percent}`);
  });
  return wrong;
}

function badIndex(found, { status }, now) {
  const wrong = [];
  const expect = (fine, text) => fine || wrong.push(text);
  const byId = new Map(status.sites.map((site) => [`site/${encodeURIComponent(site.id)}.html`, site]));

  expect(found.rows.length === status.sites.length, `${found.rows.length} rows for ${status.sites.length} sites`);
  for (const row of found.rows) {
    const site = byId.get(row.site);
    if (site) wrong.push(...badRow(row, site, now));
    else wrong.push(`a row for ${row.site}`);
  }
  for (const { state, number } of found.counts) {
    const counted = status.sites.filter((site) => site.status.toLowerCase() === state).length;
    expect(number === counted, `${number} sites counted as ${state}, ${counted} in status.json`);
  }
  expect(!found.counts.length || found.counts.reduce((sum, { number }) => sum + number, 0) === status.sites.length, "the counts are not all sites");
  return wrong;
}

// The faults of a page, as sentences; empty if there is none.
export async function faults(page, dashboard, name) {
  const found = await read(page, { timeline: TIMELINE, index: INDEX });
  const now = Date.parse(dashboard.status.generated_at);
  const { buckets } = dashboard.status.history;
  const again = found.ids.filter((id, i) => found.ids.indexOf(id) !== i);

  return [
    ...again.map((id) => `id ${id} is used twice`),
    ...badLinks(found, dashboard, name).map((text) => `a link to ${text}`),
    ...badTimes(found, now),
    ...found.undated.map((text) => `odd text: ${text}`),
    ...found.timelines.flatMap((spans) => [
      ...(spans.length === buckets ? [] : [`a timeline of ${spans.length} spans for ${buckets} buckets`]),
      ...spans.filter((state) => !BUCKET_CLASSES.includes(state)).slice(0, 2).map((state) => `a span of class "${state}"`)]),
    ...(name === "index.html" ? badIndex(found, dashboard, now) : []),
  ];
}

export function addFacts(suite, { reader, pages }) {
  for (const { dashboard, page, label } of pages)
    suite.add(`the page agrees with status.json and with itself: ${label}`, () =>
      reader.visit(dashboard, page, { way: "without script" }, async (opened) => assertNone(await faults(opened, dashboard, page), "faults")));
}
