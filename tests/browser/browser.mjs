// One Chromium, and its pages as different readers see them.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

import { AT } from "./dashboards.mjs";
import { chromium } from "./modules.mjs";
import { assertNone } from "./suite.mjs";

const PROGRAM = process.env.CHROMIUM || "/usr/bin/chromium";
// Without these, it contacts the servers of its maker.
const ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
  "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// The ways in which readers see a page.
export const WAYS = {
  light: { colorScheme: "light" },
  dark: { colorScheme: "dark" },
  narrow: { viewport: { width: 320, height: 640 } },
  forced: { forcedColors: "active" },
  "without script": { javaScriptEnabled: false },
  "reduced motion": { reducedMotion: "reduce" },
  touch: { hasTouch: true, viewport: { width: 360, height: 740 } },
};

const VIEWPORT = { width: 1280, height: 800 };

export class Reader {
  #browser;
  #contexts = new Map();
  #idle = new Map();

  async open() {
    this.#browser = await chromium.launch({ executablePath: PROGRAM, args: ARGUMENTS });
    return this;
  }

  close() {
    return this.#browser?.close();
  }

  // A context for each way, at the moment of the dashboards.
  async #make(way) {
    const context = await this.#browser.newContext({ viewport: VIEWPORT, ...WAYS[way] });

    await context.clock.setFixedTime(AT + 5000);
    return context;
  }

  // Tabs are reused, since a new one costs more than most of the work in it; but only for pages of the
  // same origin, because a late request for the icon of a page may count for the next one.
  async #tab(way, origin) {
    if (!this.#contexts.has(way)) this.#contexts.set(way, this.#make(way));
    return this.#idle.get(way + origin)?.pop() ?? (await this.#contexts.get(way)).newPage();
  }

  async #leave(way, origin, page) {
    page.removeAllListeners();
    await page.goto("about:blank");
    await page.emulateMedia({ media: null });
    await page.setViewportSize(WAYS[way].viewport ?? VIEWPORT);
    await page.mouse.move(0, 0);
    this.#idle.set(way + origin, [...(this.#idle.get(way + origin) ?? []), page]);
  }

  // A page in a new context with the real clock: nothing is remembered from earlier pages.
  async fresh(options = {}) {
    return (await this.#browser.newContext({ viewport: VIEWPORT, ...options })).newPage();
  }

  // Opens a page of a dashboard at a moment at which it is valid, and passes it to use. Any console
  // message, failed request or request to another host fails the test. After a failed test the page
  // is closed.
  async visit(dashboard, name, { way = "light", from } = {}, use = () => {}) {
    const origin = from ?? "file:";
    const page = await this.#tab(way, origin);
    const forbidden = listen(page, origin);

    try {
      await page.goto(address(dashboard, name, from), { waitUntil: "load" });
      const result = await use(page);
      assertNone(forbidden, "forbidden actions of the page");
      await this.#leave(way, origin, page);
      return result;
    } catch (error) {
      await page.close();
      throw error;
    }
  }
}

export function address(dashboard, name, from) {
  return from ? `${from}/${name}` : pathToFileURL(join(dashboard.public, name)).href;
}

// Collects everything that a page must not do.
export function listen(page, origin) {
  const forbidden = [];

  page.on("console", (message) => forbidden.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => forbidden.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => {
    forbidden.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) forbidden.push(`other host: ${request.url()}`);
  });
  // When a browser goes to the next page, it drops requests in progress, such as that for the icon.
  page.on("requestfailed", (request) => request.failure()?.errorText === "net::ERR_ABORTED" || forbidden.push(`failed: ${request.url()} ${request.failure()?.errorText}`));
  page.on("response", (response) => {
    if (response.status() >= 400) forbidden.push(`${response.status()}: ${response.url()}`);
  });
  return forbidden;
}

// A private Chromium for Lighthouse, which needs a port to connect to.
export async function ownChromium() {
  const profile = mkdtempSync(join(tmpdir(), "uptick-chromium."));
  const child = spawn(PROGRAM, [...ARGUMENTS, "--remote-debugging-port=0", `--user-data-dir=${profile}`, "about:blank"],
    { stdio: ["ignore", "ignore", "pipe"] });
  // All its processes have its stderr. It is closed when the last of them has ended, and only then
  // nobody writes into the profile any more.
  const ended = new Promise((resolve) => child.once("close", resolve));
  const kill = () => child.kill("SIGKILL");

  process.once("exit", kill); // also if a test that did not end never calls close

  for await (const line of createInterface(child.stderr)) {
    const port = /^DevTools listening on ws:\/\/[^:]+:(\d+)\//.exec(line)?.[1];
    if (port) {
      child.stderr.resume();
      return {
        port: Number(port),
        async close() {
          kill();
          await ended;
          rmSync(profile, { recursive: true, force: true });
        },
      };
    }
  }
  throw new Error(`${PROGRAM} did not start`);
}
