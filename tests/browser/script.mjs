// What the script adds for a reader: filters, a remembered span, tooltips, times of the own zone.
import { PLANS } from "./plans.mjs";
import { assert } from "./suite.mjs";
import { MINUTE, Visit } from "./visits.mjs";

const BOARD = ".board tbody tr", FIND = "input.find", TIP = "#tip";

const names = (page) => page.locator(`${BOARD}:visible th`).allInnerTexts();
const press = (page, ...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

function addFilters(add) {
  add("a count shows the rows of its state, and all of them when it is pressed again", async ({ page }) => {
    const all = await names(page), down = page.locator(".counts li.down button");

    await down.click();
    assert.equal(await down.getAttribute("aria-pressed"), "true");
    assert.equal((await names(page)).length, await page.locator(`${BOARD}.down`).count(), "rows that are down");
    await page.locator(".counts li.up button").click();
    assert.equal(await down.getAttribute("aria-pressed"), "false");
    assert.equal((await names(page)).length, await page.locator(`${BOARD}.up`).count(), "rows that are up");
    await page.locator(".counts li.up button").click();
    assert.deepEqual(await names(page), all, "all rows");
  });
  add("the key / leads to a field that finds names, also in folded groups", async ({ page }) => {
    await page.locator(".board summary").nth(1).click();
    const before = await names(page);

    await press(page, "/");
    await page.keyboard.type("sITE 1");
    const found = await names(page);
    assert(found.length >= 11 && found.every((name) => name.includes("Site 1")), `${found}`);
    assert.equal(await page.locator(".board details:visible").count(), 2, "groups with such names");
    await page.locator(".counts li.down button").click();
    assert.deepEqual((await names(page)).map((name) => name.trim()), ["Site 10", "Site 12", "Site 14", "Site 16", "Site 18"]);
    await press(page, "Escape");
    assert.equal(await page.locator(FIND).inputValue(), "");
    assert.deepEqual(await names(page), before, "rows before, with the folded group");
  });
  add("the chosen span is remembered", async ({ page }) => {
    await page.locator("#span-90d").check();
    await page.reload();
    assert(await page.locator("#span-90d").isChecked());
    assert(!await page.locator(".timeline").first().isVisible());
  });
}

const REFUSES = () => {
  for (const kind of ["localStorage", "sessionStorage"])
    Object.defineProperty(globalThis, kind, { get() { throw new DOMException("refused", "SecurityError"); } });
};

function addReloads(add, later) {
  add("a reload by script leaves the reader where they were", async (visit) => {
    const { page } = visit;

    await page.locator(".board summary").first().click();
    await press(page, "/");
    await page.keyboard.type("site 1");
    await page.locator("#span-24h").check();
    await page.evaluate(() => document.querySelector(".board tbody tr:nth-child(8) a").scrollIntoView({ block: "center" }));
    await page.locator(FIND).focus();
    const seen = () => page.evaluate(() => ({
      active: document.activeElement.className, text: document.querySelector(".find").value, caret: document.activeElement.selectionStart,
      chosen: document.querySelector(".spans :checked").id, rows: [...document.querySelectorAll(".board tbody tr")].filter((row) => row.checkVisibility()).length,
      top: Math.round([...document.querySelectorAll(".board tbody tr")].find((row) => row.textContent.includes("Site 18")).getBoundingClientRect().top),
    }));
    const before = await seen();
    visit.publish(later());
    await visit.live(75);
    assert.equal(visit.loads, 2, "loads");
    const after = await seen();
    assert(Math.abs(after.top - before.top) <= 2, `a row moved from ${before.top} to ${after.top}`);
    assert.deepEqual({ ...after, top: 0 }, { ...before, top: 0 });
  });
  add("no reload while the reader types or reads a tooltip, but within 75 s", async (visit) => {
    await visit.live(20);
    visit.publish(later());
    await visit.page.locator(FIND).focus();
    for (let second = 0; second < 30; second += 3) {
      await visit.page.keyboard.type("s");
      await visit.live(3, 3);
    }
    assert.equal(visit.loads, 1, "loads while the reader types");
    await visit.live(45);
    assert.equal(visit.loads, 2, "loads within 75 s");
  });
}

function addTooltips(add) {
  add("the tooltip of a run is that of each of its bars, with the minute under the pointer", async ({ page }) => {
    const run = page.locator(".timeline .down[aria-label]").first();
    const bars = await run.evaluate((bar) => {
      const boxes = [];
      for (let one = bar; one?.className === bar.className && (one === bar || !one.ariaLabel); one = one.nextElementSibling) boxes.push(one.getBoundingClientRect());
      return { label: bar.ariaLabel, boxes: boxes.map(({ left, top, width, height }) => [left + width / 2, top + height / 2]), top: scrollY };
    });
    const minute = Date.parse(`2026-11-23T${/\d\d:\d\d/.exec(bars.label)[0]}Z`);

    for (const i of [0, 3, bars.boxes.length - 1]) {
      await page.mouse.move(...bars.boxes[i]);
      assert.equal(await page.locator(TIP).innerText(), `${new Date(minute + i * MINUTE).toISOString().slice(11, 16)} · ${bars.label}`);
    }
    await press(page, "Escape");
    assert(!await page.locator(TIP).isVisible(), "Escape closes it");
  });
  add("a name that has no room is in a tooltip", async ({ page }) => {
    const name = page.locator(`${BOARD} th a`).first(), text = await name.innerText();

    await name.focus();
    assert(!await page.locator(TIP).isVisible(), "none if it has room");
    await name.evaluate((link) => { link.blur(); link.textContent += " and more".repeat(30); });
    for (const act of [() => name.focus(), () => name.hover()]) {
      await act();
      assert.equal(await page.locator(TIP).innerText(), `${text}${" and more".repeat(30)}`);
      await press(page, "Escape");
    }
  });
  add("Tab stops once in each timeline, and the arrow keys move in it", async ({ page }) => {
    const line = page.locator(".timeline:has([tabindex] ~ [tabindex])").first(), runs = line.locator("[tabindex]"), n = await runs.count();
    const focused = () => runs.evaluateAll((all) => all.indexOf(document.activeElement));

    await runs.first().focus();
    assert(await page.locator(TIP).isVisible(), "has a tooltip");
    await press(page, "ArrowRight");
    assert.equal(await focused(), 1);
    await press(page, "End", "ArrowRight");
    assert.equal(await focused(), n - 1);
    await press(page, "Home");
    assert.equal(await focused(), 0);
    assert.equal(await page.locator(TIP).innerText(), await runs.first().getAttribute("aria-label"));
    await press(page, "Tab");
    assert.equal(await focused(), -1, "Tab leaves the timeline");
    assert(!await page.locator(TIP).isVisible());
  });
}

// Zones with half and quarter hours, and days that are not those of UTC.
const ZONES = { "Asia/Kolkata": ["19:30", "UTC+5:30"], "America/New_York": ["09:00", "UTC-5"], "Pacific/Chatham": ["03:45", "UTC+13:45"], UTC: ["14:00", "UTC"] };

// The words of a run begin with the minute of its first bar, and whole hours of UTC have these minutes.
async function showsLocalBars(page, minutes) {
  const bar = page.locator(".timeline .down[aria-label]").first();

  await bar.evaluate((one) => one.scrollIntoView({ block: "center" }));
  const { x, y, width, height } = await bar.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  assert.match(await page.locator(TIP).innerText(), /^(\d\d:\d\d) · (since )?\1/);
  for (const text of await page.locator(":is(.axis .span-4h, #axis-4h) text").allTextContents())
    assert(text.endsWith(minutes), `axis: ${text}`);
}

async function showsZone({ page }, [clock, name], timeZone) {
  assert.equal(await page.locator("#built").innerText(), clock);
  assert.equal(await page.locator("#zone").innerText(), name);
  const wrong = await page.locator("time[datetime*=T]").evaluateAll((times, zone) => {
    const local = (ms, options) => new Intl.DateTimeFormat("en-GB", { timeZone: zone, ...options }).format(ms);
    const day = (ms) => local(ms, { dateStyle: "short" });
    const now = Date.parse(document.querySelector("#built").dateTime);

    return times.filter((time) => time.checkVisibility()).map((time) => {
      const ms = Date.parse(time.dateTime), text = time.textContent;
      const clock = local(ms, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      const isToday = day(ms) === day(now);
      const isRight = !/\d\d:\d\d/.test(text) || (text.includes(clock) && (!text.includes("today") || isToday) && (!text.includes("yesterday") || day(ms) === day(now - 864e5)));
      const bare = /^\d\d:\d\d$/.test(text) && !time.closest("#outages, .outages") && !isToday;
      return isRight && !bare ? null : `${time.dateTime}: ${text}`;
    }).filter(Boolean);
  }, timeZone);
  assert.deepEqual(wrong, []);
  await showsLocalBars(page, clock.slice(2));
  const heads = await page.locator("#outages h3").evaluateAll((all) => all.map((head) =>
    [head.textContent.replace(/\s/g, " "), ...[...head.nextElementSibling.querySelectorAll("li > time:first-child")].map((time) => time.dateTime)]));
  for (const [head, ...moments] of heads)
    for (const one of moments)
      assert(head.match(/^(Today|Yesterday)$/) || head.replaceAll("\u00a0", " ").includes(new Intl.DateTimeFormat("en-GB", { timeZone, day: "numeric", month: "short" }).format(Date.parse(one))), `${one} below ${head}`);
}

export function addScript(suite, { reader, workshop }) {
  let dashboard, later, past, building;
  const build = async () => {
    dashboard = await workshop.render("read", PLANS["thirty-half"].plan());
    later = await workshop.render("read-later", PLANS["thirty-half"].plan(), dashboard.at + MINUTE);
    past = await workshop.renderPast("read-past", PLANS["thirty-half"].plan());
  };
  const add = (name, use, options = {}) => suite.add(name, async () => {
    await (building ??= build());
    const visit = await Visit.open(reader, options.isPast ? past : dashboard, options.page ?? "index.html", options);
    let isDone = false;

    try {
      await use(visit);
      isDone = true;
    } finally {
      await visit.close().catch((error) => { if (isDone) throw error; });
    }
  });

  addFilters(add);
  addReloads(add, () => later);
  addTooltips(add);
  add("a browser that remembers nothing shows the page all the same", ({ page }) => page.locator("#span-90d").check(), { before: REFUSES });
  for (const [timezoneId, texts] of Object.entries(ZONES))
    for (const page of ["index.html", "site/site-0002.html"])
      add(`times are those of the reader's zone: ${timezoneId}, ${page}`, (visit) => showsZone(visit, texts, timezoneId), { options: { timezoneId }, page });
  add("a page of the past shows its moment in the reader's zone too, as its other times", async ({ page }) => {
    assert.equal(await page.locator(".past").innerText(), "As it was on Mon 23 Nov 2026, 14:00 UTC (Tue 24 Nov 2026, 03:45 UTC+13:45)");
    const { since, shown } = await page.locator(".problems time").first().evaluate((time) => ({ since: time.dateTime, shown: time.textContent }));
    assert.match(shown, new RegExp(`${new Date(Date.parse(since) + 13.75 * 3600e3).toISOString().slice(11, 16)}$`));
  }, { isPast: true, options: { timezoneId: "Pacific/Chatham" } });
}
