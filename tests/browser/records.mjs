// Configuration and CSV records of a dashboard, always the same bytes for the same moment. A site
// is {id, name, group, domains}; a domain {id, name, role, url, every, days, outages}; keys are more lines of YAML. outages are
// {from, to, status, text, http}, in minutes before the moment: the first failed check and the
// first one that is up again. Later ones override earlier ones; a status of null makes a gap. A domain
// with {known, bad} has day counts of that many days, and no rows before its `days`: bad are the
// minutes DOWN by the number of days ago, each with one outage. A plan may have {network}: local faults
// {from, to, scope}, also in minutes before the moment.
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

// Numbers that look random and are always the same (mulberry32).
function chance(seed) {
  let state = [...seed].reduce((sum, letter) => Math.imul(sum ^ letter.codePointAt(0), 16777619), 2166136261);

  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const quoted = (text) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function row(site, domain, time, outage, random) {
  const failed = outage && !outage.http;
  const latency = failed ? "" : Math.round(60 + 40 * random() ** 2 + (random() < 0.02 ? 700 : 0));
  const http = outage ? outage.http ?? "" : 200;

  return `${[new Date(time).toISOString(), site.id, domain.id, outage?.status ?? "UP", http, latency,
    quoted(outage?.text ?? "")].join(",")}\n`;
}

// The files of a domain's records: those of the current hour in live, the others in the archives.
function files(site, domain, at) {
  const random = chance(`${site.id}/${domain.id}`);
  const every = (domain.every ?? 300) * 1000;
  const hour = Math.floor(at / (60 * MINUTE)) * 60 * MINUTE;
  const texts = new Map();
  const outages = domain.outages ?? [];
  // Checks start a few seconds after the minute; the last one is just before the moment.
  const last = at - (at % MINUTE) + 3000 + Math.floor(random() * 900);

  for (let time = last - Math.floor(((domain.days ?? 1) * DAY) / every) * every; time <= last; time += every) {
    const ago = Math.floor(at / MINUTE) - Math.floor(time / MINUTE);
    const outage = outages.findLast(({ from, to }) => ago <= from && ago > to);
    if (outage?.status === null) continue;
    const day = new Date(time).toISOString().slice(0, 10);
    const folder = time >= hour ? "live" : `archive/${day}`;
    texts.set(folder, (texts.get(folder) ?? "") + row(site, domain, time, outage, random));
  }
  return texts;
}

const date = (time) => new Date(time).toISOString().slice(0, 10);

// Minutes DOWN of a domain on a day before its rows; null: the day is not known.
function downMinutes(domain, time, at) {
  const ago = (at - (at % DAY) - time) / DAY;

  return ago > (domain.known ?? 0) || ago < (domain.days ?? 1) ? null : domain.bad?.[ago] ?? 0;
}

// The day counts of all sites, by month.
function dayCounts(plan, at) {
  const months = new Map();
  const longest = Math.max(0, ...plan.sites.flatMap(({ domains }) => domains.map(({ known }) => known ?? 0)));

  for (let time = at - (at % DAY) - longest * DAY; time < at; time += DAY) {
    const month = date(time).slice(0, 7);
    const add = (site, domain, minutes, first) => months.set(month,
      `${months.get(month) ?? ""}${date(time)},${site},${domain},${1440 - minutes},0,0,${minutes},0,${first ? `${date(time)}T00:00:03.000Z` : ""}\n`);

    for (const site of plan.sites) {
      const counts = site.domains.map((domain) => ({ domain, minutes: downMinutes(domain, time, at) })).filter(({ minutes }) => minutes !== null);
      if (!counts.length) continue;
      add(site.id, "", Math.max(...counts.map(({ minutes }) => minutes)));
      for (const { domain, minutes } of counts)
        add(site.id, domain.id, minutes, time === at - (at % DAY) - domain.known * DAY);
    }
  }
  return months;
}

const event = (time, scope, kind, began, change, state, code, detail) =>
  `${[time, `${scope}/${kind}@${began}`, "", scope, change, state, code, quoted(detail)].join(",")}\n`;

// An outage at noon of a day that has no rows any more.
function oldOutage(scope, time, minutes) {
  const at = (minute) => new Date(time + (720 + minute) * MINUTE + 3000).toISOString();
  const line = (minute, ...rest) => event(at(minute), scope, "http", at(0), ...rest);
  const text = "http_status: expected 200, got 503";

  return line(0, "opened", "SUSPECT", "status.5xx", text) + line(0, "confirmed", "DOWN", "status.5xx", text)
    + line(Math.min(minutes, 719), "closed", "UP", "", "recovered");
}

// The event logs, by folder: what a rebuild cannot derive from the rows.
function events({ sites, network = [] }, at) {
  const logs = new Map();
  const add = (folder, lines) => logs.set(folder, (logs.get(folder) ?? "") + lines);

  for (const site of sites)
    for (const domain of site.domains)
      for (const [ago, minutes] of Object.entries(domain.bad ?? {})) {
        const time = at - (at % DAY) - Number(ago) * DAY;
        if (downMinutes(domain, time, at)) add(`archive/${date(time)}`, oldOutage(`${site.id}/${domain.id}`, time, minutes));
      }
  for (const { from, to, scope } of network) {
    const [began, ended] = [from, to].map((ago) => new Date(at - ago * MINUTE).toISOString());
    add("live", event(began, scope, "local_network", began, "opened", "DOWN", "", "143 of 150 hosts"));
    if (to > 0) add("live", event(ended, scope, "local_network", began, "closed", "UP", "", "ended"));
  }
  return logs;
}

// YAML accepts JSON's strings; ${NAME} would be an environment variable.
const literal = (value) => JSON.stringify(value).replaceAll("${", () => "$${");

function yaml({ title = "Example status", alerts, sites, keys = [] }) {
  const lines = [`title: ${literal(title)}`, ...keys,
    "defaults: {confirm: {failures: 1, successes: 1, recheck_seconds: []}}",
    ...(alerts ? [`alerts: ${JSON.stringify(alerts)}`] : []), "sites:"];

  for (const site of sites) {
    lines.push(`  - id: "${site.id}"`, `    name: ${literal(site.name ?? site.id)}`);
    if (site.group) lines.push(`    group: ${literal(site.group)}`);
    lines.push("    domains:");
    for (const domain of site.domains)
      lines.push(`      - id: "${domain.id}"`, `        name: ${literal(domain.name ?? domain.id)}`,
        `        role: ${domain.role ?? "core"}`, `        url: ${literal(domain.url)}`,
        `        interval_seconds: ${domain.every ?? 300}`, `        timeout_seconds: ${domain.timeout ?? 20}`,
        '        bot_protection_string: "Checking your browser"',
        ...(domain.keys ?? []).map((key) => `        ${key}`),
        ...(domain.confirm ? [`        confirm: {failures: ${domain.confirm}, successes: ${domain.confirm}}`] : []));
  }
  return `${lines.join("\n")}\n`;
}

// Writes uptick.yaml and data/ as they are at this moment, in milliseconds since the epoch.
export function writeRecords(folder, plan, at) {
  const write = (path, text) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  write("uptick.yaml", yaml(plan));
  for (const site of plan.sites)
    for (const domain of site.domains)
      for (const [place, text] of files(site, domain, at)) write(join("data", place, site.id, `${domain.id}.log`), text);
  for (const [month, text] of dayCounts(plan, at)) write(`data/days/${month}.csv`, text);
  for (const [place, text] of events(plan, at)) write(join("data", place, "events.log"), text);
}
