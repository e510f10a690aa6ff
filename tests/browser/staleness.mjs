// A page that is no longer updated shows it: when its time is over it turns grey, and shortly
// before that it checks once whether there is a newer one.
import { address, listen } from "./browser.mjs";
import { STALE } from "./promises.mjs";
import { assert, assertNone } from "./suite.mjs";

const SECOND = 1000;

// Opens a page with its own clock, which moves only on request; loads counts its documents.
async function open(reader, dashboard, name, from) {
  const page = await reader.fresh();
  const news = listen(page, from ?? "file:");
  const watch = { page, news, loads: 0, now: dashboard.at + 5 * SECOND };

  page.on("domcontentloaded", () => watch.loads++);
  await page.clock.install({ time: watch.now - SECOND });
  await page.clock.pauseAt(watch.now);
  await page.goto(address(dashboard, name, from));
  return watch;
}

// Lets the page run until a moment, in steps small enough for a reload between them.
async function live(watch, until, step = 5 * SECOND) {
  for (; watch.now < until; watch.now += step) {
    await watch.page.clock.runFor(Math.min(step, until - watch.now));
    await watch.page.waitForLoadState();
  }
  watch.now = until;
}

const stale = (page) => page.evaluate(({ notice, root }) => ({
  grey: document.documentElement.classList.contains(root),
  says: document.querySelector(notice)?.innerText.trim() ?? "",
}), STALE);

async function turnsGrey(reader, dashboard, name, from) {
  const watch = await open(reader, dashboard, name, from);

  try {
    await live(watch, dashboard.validUntil - 2 * SECOND);
    assert.deepEqual(await stale(watch.page), { grey: false, says: "" }, "two seconds before its time is past");
    await live(watch, dashboard.validUntil + 20 * SECOND);
    const { grey, says } = await stale(watch.page);
    assert(grey, "is grey once its time is past");
    assert(says.startsWith(STALE.says), `says: ${says}`);
    assertNone(watch.news, "things the page should not have done");
  } finally {
    await watch.page.context().close();
  }
}

async function looksOnce(reader, dashboard, name, from) {
  const watch = await open(reader, dashboard, name, from);

  try {
    const early = dashboard.at + (dashboard.validUntil - dashboard.at) / 4;
    await live(watch, early);
    assert.equal(watch.loads, 1, "loads in the first quarter of its time");
    await watch.page.evaluate(() => scrollTo(0, 300));
    const place = await watch.page.evaluate(() => scrollY);
    await live(watch, dashboard.validUntil - 2 * SECOND);
    assert.equal(watch.loads, 2, "loads in all, shortly before its time is past");
    assert.equal(await watch.page.evaluate(() => scrollY), place, "where the page stands after it was loaded again");
    await live(watch, dashboard.validUntil + 600 * SECOND, 60 * SECOND);
    assert.equal(watch.loads, 2, "loads in all, ten minutes later");
  } finally {
    await watch.page.context().close();
  }
}

// Without script the browser itself reloads, because of an element of the page.
async function looksWithoutScript(reader, dashboard, name) {
  await reader.visit(dashboard, name, { way: "without script" }, async (page) => {
    const content = await page.evaluate(() => document.querySelector('meta[http-equiv="refresh" i]')?.content ?? "");
    const seconds = Number(/^\d+$/.exec(content)?.[0] ?? NaN);
    const holds = (dashboard.validUntil - Date.parse(dashboard.status.generated_at)) / SECOND;

    assert(Math.abs(seconds - holds) <= 60, `refresh "${content}" for a page that holds ${holds} s`);
    for (const one of [dashboard.status.generated_at, dashboard.status.valid_until])
      assert(await page.locator(`time[datetime="${one}"]`).first().isVisible(), `shows ${one}`);
  });
}

export function addStaleness(suite, { reader, pages, served }) {
  for (const { dashboard, page, label } of pages) {
    const from = served.get(dashboard);

    suite.add(`a page turns grey when its time is past, and not before: ${label}`, () => turnsGrey(reader, dashboard, page, from));
    suite.add(`a page looks for a newer one exactly once: ${label}`, () => looksOnce(reader, dashboard, page, from));
    suite.add(`without script the browser looks for a newer page: ${label}`, () => looksWithoutScript(reader, dashboard, page));
  }
}
