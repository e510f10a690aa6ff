// Dashboards as built by the real program, each in its own folder.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { writeRecords } from "./records.mjs";

const run = promisify(execFile);

// A fixed moment, so that the pages are always the same; the browsers get the same clock.
export const AT = Date.UTC(2026, 10, 23, 14, 0, 40);

// Runs the program under the moved clock.
function uptick(folder, at, ...words) {
  const env = { ...process.env, LD_PRELOAD: process.env.MOVED_CLOCK_LIBRARY, MOVED_CLOCK: String(at - Date.now()) };

  return run(process.env.UPTICK, ["-c", join(folder, "uptick.yaml"), ...words], { env, maxBuffer: 1 << 26 });
}

export class Dashboard {
  constructor(name, folder, at) {
    Object.assign(this, { name, folder, at, public: join(folder, "public") });
    this.status = JSON.parse(this.read("status.json"));
    this.validUntil = Date.parse(this.status.valid_until); // NaN: a page of the past
  }

  read(page) {
    return readFileSync(join(this.public, page), "utf8");
  }

  // "index.html" and the pages of the sites, all or the first few.
  pages(max = Infinity) {
    const sites = readdirSync(join(this.public, "site")).filter((name) => name.endsWith(".html")).sort();

    return ["index.html", ...sites.slice(0, max).map((name) => `site/${name}`)];
  }
}

export class Workshop {
  folder = mkdtempSync(join(tmpdir(), "uptick-browser."));

  #record(name, plan, at) {
    const folder = join(this.folder, name);

    rmSync(folder, { recursive: true, force: true });
    writeRecords(folder, plan, at);
    return folder;
  }

  // The dashboard of this moment, built from the records only.
  async render(name, plan, at = AT) {
    const folder = this.#record(name, plan, at);

    for (const command of ["rebuild", "render"]) await uptick(folder, at, command);
    return new Dashboard(name, folder, at);
  }

  // The same as a page of the past: an hour later, it shows how everything was at this moment.
  async renderPast(name, plan, at = AT) {
    const folder = this.#record(name, plan, at), made = join(folder, "past");

    await uptick(folder, at + 3600_000, "render", "--at", new Date(at).toISOString(), "--output", made);
    renameSync(made, join(folder, "public")); // which uptick itself makes of the present only
    return new Dashboard(name, folder, at);
  }

  // The dashboard after two ticks. The first one rebuilds the state, and its alerts cannot be delivered.
  async tick(name, plan, at = AT) {
    const folder = join(this.folder, name);

    writeRecords(folder, plan, at - 2 * 60_000);
    for (const moment of [at - 60_000, at]) await uptick(folder, moment, "tick");
    return new Dashboard(name, folder, at);
  }

  close() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
