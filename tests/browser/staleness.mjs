// A page that is no longer updated shows it: when its time is over, it loses half of its colour. Shortly
// before that, it checks once whether there is a newer one.
import { address, listen } from "./browser.mjs";
import { STALE } from "./promises.mjs";
import { assert, assertNone } from "./suite.mjs";

const SECOND = 1000;

// Opens a page with its own clock, which moves only on request; loads counts its documents.
async function open(reader, dashboard, name, from) {
  const page = await reader.fresh();
  const forbidden = listen(page, from ?? "file:");
  const visit = { page, forbidden, loads: 0, now: dashboard.at + 5 * SECOND };

  page.on("domcontentloaded", () => visit.loads++);
  await page.clock.install({ time: visit.now - SECOND });
  await page.clock.pauseAt(visit.now);
  await page.goto(address(dashboard, name, from));
  return visit;
}

// Lets the page run until a moment, in steps small enough for a reload between them.
async function live(visit, until, step = 5 * SECOND) {
  for (; visit.now < until; visit.now += step) {
    await visit.page.clock.runFor(Math.min(step, until - visit.now));
    await visit.page.waitForLoadState();
  }
  visit.now = until;
}

const readStale = (page) => page.evaluate(({ notice, root }) => ({
  isStale: document.documentElement.classList.contains(root),
  says: document.querySelector(notice)?.innerText.trim() ?? "",
}), STALE);

// The page may be loading again at this moment.
async function stale(page) {
  try {
    return await readStale(page);
  } catch {
    await page.waitForLoadState();
    return readStale(page);
  }
}

async function turnsStale(reader, dashboard, name, from) {
  const visit = await open(reader, dashboard, name, from);

  try {
    await live(visit, dashboard.validUntil - 2 * SECOND);
    assert.deepEqual(await stale(visit.page), { isStale: false, says: "" }, "two seconds before its time is over");
    await live(visit, dashboard.validUntil + 20 * SECOND);
    const { isStale, says } = await stale(visit.page);
    assert(isStale, "is stale when its time is over");
    assert(says.startsWith(STALE.says), `shows: ${says}`);
    assertNone(visit.forbidden, "forbidden actions of the page");
  } finally {
    await visit.page.context().close();
  }
}

// A page that is opened from the disk cannot ask anybody.
async function loadsOnceMore(reader, dashboard, name) {
  const visit = await open(reader, dashboard, name);

  try {
    await live(visit, dashboard.at + (dashboard.validUntil - dashboard.at) / 4);
    assert.equal(visit.loads, 1, "loads in the first quarter of its time");
    await visit.page.evaluate(() => scrollTo(0, 300));
    const position = await visit.page.evaluate(() => scrollY);
    await live(visit, dashboard.validUntil - 2 * SECOND);
    assert.equal(visit.loads, 2, "loads in total, shortly before its time is over");
    assert.equal(await visit.page.evaluate(() => scrollY), position, "scroll position after the reload");
    await live(visit, dashboard.validUntil + 600 * SECOND, 60 * SECOND);
    assert.equal(visit.loads, 2, "loads in total, ten minutes later");
  } finally {
    await visit.page.context().close();
  }
}

// The server of these tests sends neither ETag nor Last-Modified, and the page never gets newer.
async function loadsLess(reader, dashboard, name, from) {
  const visit = await open(reader, dashboard, name, from);

  try {
    await live(visit, dashboard.at + 30 * SECOND);
    assert.equal(visit.loads, 1, "loads in the first half minute");
    await visit.page.evaluate(() => scrollTo(0, 300));
    const position = await visit.page.evaluate(() => scrollY);
    await live(visit, dashboard.at + 130 * SECOND);
    assert(visit.loads >= 2 && visit.loads <= 3, `${visit.loads} loads after two minutes`);
    assert.equal(await visit.page.evaluate(() => scrollY), position, "scroll position after the reload");
    const early = visit.loads;
    await live(visit, dashboard.at + 1200 * SECOND, 60 * SECOND);
    assert(visit.loads > early && visit.loads <= early + 5, `${visit.loads} loads after twenty minutes, ${early} after two`);
  } finally {
    await visit.page.context().close();
  }
}

// Without script the browser itself reloads, because of an element of the page.
async function reloadsWithoutScript(reader, dashboard, name) {
  await reader.visit(dashboard, name, { way: "without script" }, async (page) => {
    const content = await page.evaluate(() => document.querySelector('meta[http-equiv="refresh" i]')?.content ?? "");

    assert.equal(content, "60", "refresh");
    for (const one of [dashboard.status.generated_at, dashboard.status.valid_until])
      assert(await page.locator(`time[datetime="${one}"]`).first().isVisible(), `shows ${one}`);
  });
}

// A year later, ten minutes long: it is not stale, and asks for nothing.
async function staysAsItWas(reader, dashboard, name, from) {
  const visit = await open(reader, { ...dashboard, at: dashboard.at + 365 * 86400 * SECOND }, name, from);
  const requests = [];

  try {
    await visit.page.waitForLoadState("networkidle");
    visit.page.on("request", (request) => requests.push(request.url()));
    await live(visit, visit.now + 600 * SECOND, 60 * SECOND);
    assert.deepEqual(await stale(visit.page), { isStale: false, says: "" });
    assert.equal(visit.loads, 1, "loads");
    assertNone(requests, "requests");
    assertNone(visit.forbidden, "forbidden actions of the page");
    assert.match(await visit.page.title(), /As it was on /);
    assert(await visit.page.locator(".past").isVisible(), "shows its moment");
  } finally {
    await visit.page.context().close();
  }
}

export function addStaleness(suite, { reader, pages, served }) {
  for (const { dashboard, page, label } of pages) {
    const from = served.get(dashboard);

    if (dashboard.past) {
      suite.add(`a page of the past is never stale: ${label}`, () => staysAsItWas(reader, dashboard, page, from));
      continue;
    }
    suite.add(`a page is stale when its time is over, and not before: ${label}`, () => turnsStale(reader, dashboard, page, from));
    if (from) suite.add(`a page is loaded ever less often if no newer one comes: ${label}`, () => loadsLess(reader, dashboard, page, from));
    else suite.add(`a page from the disk is loaded once more: ${label}`, () => loadsOnceMore(reader, dashboard, page));
    suite.add(`the browser reloads the page if there is no script: ${label}`, () => reloadsWithoutScript(reader, dashboard, page));
  }
}
