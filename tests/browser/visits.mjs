// Readers of a served dashboard whose clock, zone and server are not as they should be. Time moves on
// request only, for the reader and for the server.
import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { listen } from "./browser.mjs";
import { serve } from "./server.mjs";
import { assertNone } from "./suite.mjs";

export const SECOND = 1000, MINUTE = 60 * SECOND;

// What a browser reports of requests that fail.
const FAILED = /Failed to load resource|^failed: |^405: |ERR_/;

export class Visit {
  loads = 0;
  #pending = new Set();

  // skew: how far the reader's clock is ahead, in milliseconds; options: of the browser's context;
  // manners: of the server (server.mjs); before: a script to run in the page before its own.
  static async open(reader, dashboard, name, { skew = 0, options, manners = {}, before } = {}) {
    const visit = new Visit();

    visit.folder = mkdtempSync(join(tmpdir(), "uptick-visit."));
    cpSync(dashboard.public, visit.folder, { recursive: true, preserveTimestamps: true });
    Object.assign(visit, { dashboard, name, now: dashboard.at + 5 * SECOND });
    visit.manners = { now: () => visit.now, validates: true, requests: [], ...manners };
    visit.server = await serve(visit.folder, visit.manners);
    visit.page = await reader.fresh(options);
    visit.forbidden = listen(visit.page, visit.server.url);
    visit.#count();
    if (before) await visit.page.addInitScript(before);
    await visit.page.clock.install({ time: visit.now + skew - SECOND });
    await visit.page.clock.pauseAt(visit.now + skew);
    await visit.page.goto(`${visit.server.url}/${name}`);
    await visit.#settle();
    return visit;
  }

  #count() {
    this.page.on("domcontentloaded", () => this.loads++);
    this.page.on("request", (request) => this.#pending.add(request));
    for (const end of ["requestfinished", "requestfailed"]) this.page.on(end, (request) => this.#pending.delete(request));
  }

  // Waits until the page has the answers to its requests.
  async #settle() {
    for (let quiet = 0; quiet < 3; quiet = this.#pending.size ? 0 : quiet + 1) {
      await this.page.waitForLoadState().catch(() => {});
      await this.page.evaluate(() => 0).catch(() => {});
      if (this.#pending.size) await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  // Lets so many seconds pass, in steps small enough for answers and reloads between them.
  async live(seconds, step = 2) {
    for (let left = seconds; left > 0; left -= step) {
      this.now += Math.min(step, left) * SECOND;
      await this.page.clock.runFor(Math.min(step, left) * SECOND);
      await this.#settle();
    }
  }

  liveUntil(moment, step) {
    return this.live((moment - this.now) / SECOND, step);
  }

  // Lets the server have the pages of another dashboard; only: those with such names.
  publish(dashboard, only = /./) {
    const names = readdirSync(dashboard.public, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
      .map(({ parentPath, path, name }) => join(parentPath ?? path, name).slice(dashboard.public.length + 1));

    for (const name of names.filter((one) => only.test(one))) {
      cpSync(join(dashboard.public, name), join(this.folder, `${name}.new`));
      renameSync(join(this.folder, `${name}.new`), join(this.folder, name));
    }
  }

  shows() {
    return this.page.evaluate(() => ({
      isStale: document.documentElement.classList.contains("stale"),
      notice: document.querySelector("#stale")?.innerText.trim() ?? "",
      checked: document.querySelector("#checked")?.innerText.trim() ?? "",
      built: document.querySelector("#built")?.dateTime,
    }));
  }

  asked(method) {
    return this.manners.requests.filter((one) => one === `${method} /status.json`).length;
  }

  // fails: whether requests were meant to fail.
  async close({ fails = false } = {}) {
    await this.page.context().close();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
    assertNone(this.forbidden.filter((one) => !fails || !FAILED.test(one)), "forbidden actions of the page");
  }
}
