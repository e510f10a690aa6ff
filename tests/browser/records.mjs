// Configuration and CSV records of a dashboard, always the same bytes for the same moment. A site
// is {id, name, domains}; a domain {id, name, role, url, every, days, outages}. outages are
// {from, to, status, text, http}, in minutes before the moment: the first failed check and the
// first one that is up again. Later ones override earlier ones; a status of null makes a gap.
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

// YAML accepts JSON's strings; ${NAME} would be an environment variable.
const literal = (value) => JSON.stringify(value).replaceAll("${", () => "$${");

function yaml({ title = "Example status", alerts, sites }) {
  const lines = [`title: ${literal(title)}`,
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
        ...(domain.confirm ? [`        confirm: {failures: ${domain.confirm}, successes: ${domain.confirm}}`] : []));
  }
  return `${lines.join("\n")}\n`;
}

// Writes uptick.yaml and data/ as they are at this moment, in milliseconds since the epoch.
export function writeRecords(folder, plan, at) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "uptick.yaml"), yaml(plan));
  for (const site of plan.sites) {
    for (const domain of site.domains) {
      for (const [place, text] of files(site, domain, at)) {
        const path = join(folder, "data", place, site.id, `${domain.id}.log`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text);
      }
    }
  }
}
