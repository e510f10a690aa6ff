// Pages that are open for a while: they learn of news, and show their age by the clock of the server.
import { PLANS } from "./plans.mjs";
import { assert } from "./suite.mjs";
import { MINUTE, SECOND, Visit } from "./visits.mjs";

const NEWS_WITHIN = 75; // seconds

// Opens a page, passes the visit to use, and closes it.
async function visiting(reader, dashboard, name, options, use) {
  const visit = await Visit.open(reader, dashboard, name, options);
  let isDone = false;

  try {
    await use(visit);
    isDone = true;
  } finally {
    await visit.close({ fails: options.fails ?? false }).catch((error) => { if (isDone) throw error; });
  }
}

const isFresh = async (visit, when) => {
  const { isStale, notice } = await visit.shows();
  assert.deepEqual({ isStale, notice }, { isStale: false, notice: "" }, `fresh ${when}`);
};
const isStale = async (visit, says, when) => {
  const { isStale: yes, notice } = await visit.shows();
  assert(yes, `stale ${when}`);
  assert.match(notice, says, `notice ${when}`);
};

async function showsNews(visit, later) {
  await visit.live(40);
  assert.equal(visit.loads, 1, "loads before there is news");
  visit.publish(later);
  await visit.live(NEWS_WITHIN);
  assert.equal(visit.loads, 2, "loads after the news");
  assert.equal((await visit.shows()).built, later.status.generated_at, "shows the newer page");
  await visit.live(60);
  assert.equal(visit.loads, 2, "loads a minute later");
}

// The page is fresh until its time is over by the server's clock, whatever that of the reader shows.
async function turnsStale(visit) {
  const { validUntil } = visit.dashboard;

  await isFresh(visit, "at first");
  await visit.liveUntil(validUntil - 4 * SECOND, 5);
  await isFresh(visit, "seconds before its time is over");
  await visit.liveUntil(validUntil + 40 * SECOND, 5);
  await isStale(visit, /^Not updated for \d+ min\. Below: the last known state$/, "when its time is over");
}

const CLOCKS = {
  "ten minutes slow": -10 * MINUTE,
  "ten minutes fast": 10 * MINUTE,
  "six hours fast": 360 * MINUTE,
  "right": 0,
};

function addClocks(add) {
  for (const [name, skew] of Object.entries(CLOCKS)) {
    add(`a reader's clock that is ${name} does not change when a page is stale`, { skew }, turnsStale);
    add(`a reader's clock that is ${name} does not change how long ago a check was`, { skew }, async (visit) => {
      const { checked } = await visit.shows();
      const before = Number(/^Checked (\d+) s ago/.exec(checked)?.[1]);
      await visit.live(10);
      const after = Number(/^Checked (\d+) s ago/.exec((await visit.shows()).checked)?.[1]);
      assert(before <= 47 && Math.abs(after - before - 10) <= 2, `${checked}, ten seconds later ${after} s`);
    });
  }
  add("without the server's clock, that of the reader counts", { manners: { now: null, sendsDate: false } }, turnsStale);
  add("an old answer from a cache does not set the clock back", {}, async (visit) => {
    visit.manners.age = 240;
    visit.manners.now = () => visit.now - 240 * SECOND;
    await turnsStale(visit);
  });
  add("a server that is days off does not make a page stale", { manners: { now: () => Date.now() + 9e8 } }, (visit) => isFresh(visit, "at first"));
  add("a clock that is set meanwhile does not change how old a page is", {}, async (visit) => {
    await visit.live(20);
    await visit.page.evaluate(() => { const now = Date.now; Date.now = () => now.call(Date) + 3600e3; });
    await visit.live(10);
    await isFresh(visit, "after the clock was set");
    await turnsStale(visit);
  });
}

function addServers(add, later) {
  add("an open page learns of news from a server that refuses HEAD", { manners: { refuses: ({ method }) => method === "HEAD" }, fails: true }, async (visit) => {
    await showsNews(visit, later());
    assert.equal(visit.asked("HEAD"), 1, "HEAD is tried once for both pages");
    assert(visit.asked("GET") >= 2, "GET in place of it");
  });
  add("a page asks for headers only, twice a minute", {}, async (visit) => {
    await visit.live(90);
    assert.equal(visit.asked("GET"), 0);
    assert(visit.asked("HEAD") >= 3 && visit.asked("HEAD") <= 4, `HEAD ${visit.asked("HEAD")} times`);
  });
  add("a page becomes stale if the server is gone, and fresh when it is back", { fails: true }, async (visit) => {
    visit.manners.isDown = true;
    await turnsStale(visit);
    assert.equal(visit.loads, 1, "loads while the server is gone");
    visit.publish(later());
    visit.now = later().at + 5 * SECOND;
    visit.manners.isDown = false;
    await visit.live(NEWS_WITHIN);
    assert.equal(visit.loads, 2, "loads when the server is back");
  });
  add("a page that is no newer after a reload waits longer each time", {}, async (visit) => {
    await visit.live(10);
    visit.publish(later(), /^status\.json$/);
    await visit.live(600, 5);
    assert(visit.loads >= 3 && visit.loads <= 7, `${visit.loads} loads in ten minutes`);
  });
  add("an open page learns of news from a server that sends neither ETag nor Last-Modified", { manners: { validates: false } }, async (visit) => {
    visit.publish(later());
    await visit.live(NEWS_WITHIN);
    assert.equal(visit.loads, 2, "loads after the news");
    assert.equal((await visit.shows()).built, later().status.generated_at, "shows the newer page");
    await visit.live(600, 5);
    assert(visit.loads >= 4 && visit.loads <= 8, `${visit.loads} loads in ten minutes without news`);
  });
  add("a page without status.json loads again once", { manners: { refuses: ({ url }) => url.endsWith("status.json") }, fails: true }, async (visit) => {
    await visit.live(500, 5);
    assert.equal(visit.loads, 2, "loads in total");
  });
}

// Headless browsers show all tabs, so the page is told.
const HIDE = () => {
  let hidden = false;
  Object.defineProperty(document, "hidden", { get: () => hidden });
  globalThis.setHidden = (value) => { hidden = value; document.dispatchEvent(new Event("visibilitychange")); };
};

function addTabs(add, later) {
  add("a hidden tab asks nothing, and at once when it is visible again", { before: HIDE }, async (visit) => {
    await visit.live(10);
    await visit.page.evaluate(() => setHidden(true));
    const before = visit.manners.requests.length;
    visit.publish(later());
    await visit.live(100);
    assert.equal(visit.manners.requests.length, before, "requests of a hidden tab");
    assert.equal(visit.loads, 1);
    await visit.page.evaluate(() => setHidden(false));
    await visit.live(4);
    assert.equal(visit.loads, 2, "loads when visible");
  });
  add("a tab that slept shows that it is stale", { before: HIDE, fails: true }, async (visit) => {
    await visit.page.evaluate(() => setHidden(true));
    visit.manners.isDown = true;
    // Its timers stopped, and so did its monotonic clock.
    await visit.page.evaluate(() => { const now = Date.now; Date.now = () => now.call(Date) + 8 * 3600e3; });
    visit.now += 8 * 60 * MINUTE;
    await visit.page.evaluate(() => setHidden(false));
    await visit.live(4);
    await isStale(visit, /^Not updated for 8 h/, "after a night");
  });
}

export function addFreshness(suite, { reader, workshop }) {
  let dashboard, later;
  const build = async () => {
    dashboard = await workshop.render("open", PLANS.thirty.plan());
    later = await workshop.render("open-later", PLANS["thirty-half"].plan(), dashboard.at + MINUTE);
  };
  let building;
  const add = (name, options, use, page = "index.html") => suite.add(name, async () => {
    await (building ??= build());
    await visiting(reader, dashboard, page, options, use);
  });

  for (const page of ["index.html", "site/site-0002.html"])
    add(`an open page learns of news within ${NEWS_WITHIN} s: ${page}`, {}, (visit) => showsNews(visit, later), page);
  addClocks(add);
  addServers(add, () => later);
  addTabs(add, () => later);
}
