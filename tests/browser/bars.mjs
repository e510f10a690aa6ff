// A bar that is not up shows its minute, its state and the reason, by keyboard, mouse and touch.
import { sticksOut } from "./geometry.mjs";
import { changed } from "./pictures.mjs";
import { TIMELINE } from "./promises.mjs";
import { assert, assertNone } from "./suite.mjs";

const BAD = `${TIMELINE} > span:not(.up)`;
// Before the first check, only the first bar of a timeline has a description.
const DESCRIBED = `${BAD}[aria-label]`;
const MAX_STOPS = 400;

const TIP = "#tip";

// The text of the tooltip; empty if none is visible. Without script it belongs to a bar.
async function tooltip(page) {
  return await page.locator(TIP).isVisible() ? page.locator(TIP).innerText() : "";
}

const drawn = (page) => page.evaluate((which) => {
  const bar = document.querySelector(which);
  const look = bar && getComputedStyle(bar, "::after");

  return look && look.display !== "none" && look.content.startsWith("attr") ? bar.getAttribute("aria-label")
    : look?.content.replace(/^"|"$/g, "") ?? "";
}, `${TIMELINE} > span:hover`);

// Before the first check the minutes have no details: one bar stands for all of them.
const DESCRIPTION = /\d\d:\d\d.*(down|degraded|bot|timeout|no data|unknown)|first checked|not checked/is;

// The first bar of a run has the words of all its bars.
async function named(page) {
  const wrong = await page.$$eval(BAD, (bars) => bars.filter((bar) => {
    let first = bar;
    while (first?.className === bar.className && !first.hasAttribute("aria-label")) first = first.previousElementSibling;
    return first?.className !== bar.className || first.getAttribute("role") !== "img" || !/\d\d:\d\d|not checked/.test(first.ariaLabel);
  }).map((bar) => bar.outerHTML.slice(0, 160)));
  const dressed = await page.$$eval(`${TIMELINE} > span:not([aria-label])`, (bars) =>
    bars.filter((bar) => bar.attributes.length !== 1 || bar.childNodes.length).map((bar) => bar.outerHTML.slice(0, 160)));

  assertNone(wrong, "bars that are not up and have no words");
  assertNone(dressed, "bars without words that have more than a class");
}

// Tabs through the whole page: each timeline that shows more than "up" is one stop, and the arrow keys
// reach all of its runs.
async function byKeyboard(page) {
  const lines = page.locator(`${TIMELINE}:visible:has([tabindex])`), n = await lines.count();
  const reached = new Set();
  const silent = [];

  for (let stop = 0; stop < MAX_STOPS && reached.size < n; stop++) {
    await page.keyboard.press("Tab");
    if (stop > 0 && await page.evaluate(() => document.activeElement === document.body)) break;
    const which = await lines.evaluateAll((all) => all.findIndex((line) => line.contains(document.activeElement)));
    if (which < 0) continue;
    assert(!reached.has(which), `timeline ${which} is one stop`);
    reached.add(which);
    const runs = await lines.nth(which).locator("[tabindex]").count();
    for (let run = 0; run < Math.min(runs, 5); run++) {
      const text = await tooltip(page);
      if (!DESCRIPTION.test(text)) silent.push(`timeline ${which}, run ${run}: ${text || "nothing"}`);
      if (run < runs - 1) await page.keyboard.press("ArrowRight");
    }
  }
  if (n <= MAX_STOPS / 4) assert.equal(reached.size, n, "timelines that Tab reaches");
  else assert(reached.size > 0, "Tab reaches no timeline");
  assertNone(silent, "runs without words on focus");
}

// Each bar of a run shows its words: also the last one.
async function byMouse(page) {
  for (const state of ["down", "degraded", "bot", "unknown"]) {
    for (const bar of [page.locator(`${TIMELINE} > span.${state}`).first(), page.locator(`${TIMELINE} > span.${state}`).last()]) {
      if (!(await bar.count()) || !(await bar.isVisible())) continue;
      await bar.evaluate((element) => element.scrollIntoView({ block: "center" }));
      const { x, y, width, height } = await bar.boundingBox();
      await page.mouse.move(x + width / 2, y + height / 2);
      assert.match(await tooltip(page), DESCRIPTION, `a bar of ${state} under the mouse`);
    }
  }
}

async function withoutScript(page) {
  const bar = page.locator(DESCRIBED).first();
  await bar.evaluate((element) => element.scrollIntoView({ block: "center" }));
  const { x, y, width, height } = await bar.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  assert.match(await drawn(page), DESCRIPTION);
}

async function byTouch(page) {
  const bar = page.locator(DESCRIBED).first();
  await bar.evaluate((element) => element.scrollIntoView({ block: "center" }));
  const { x, y, height } = await bar.boundingBox();
  // A tap is at a whole pixel, and a bar may be little wider than one.
  await page.touchscreen.tap(Math.ceil(x), y + height / 2);
  assert.match(await tooltip(page), DESCRIPTION);
}

// A tooltip could still be cut off, whatever the style sheet sets. So something must be visible
// next to the bar, and the page must not become wider.
async function isVisible(reader, page) {
  for (const bar of [page.locator(DESCRIBED).first(), page.locator(DESCRIBED).last()]) {
    await bar.evaluate((element) => element.scrollIntoView({ block: "center" }));
    const pixels = await changed(reader, page, await bar.boundingBox(), () =>
      bar.evaluate((element) => element.focus({ preventScroll: true, focusVisible: true })));
    assert(pixels > 200, `${pixels} pixels change when a bar gets the focus`);
    assertNone(await sticksOut(page), "elements wider than the page");
    await bar.evaluate((element) => element.blur());
  }
}

export function addBars(suite, { reader, pages }) {
  for (const { dashboard, page, label } of pages) {
    if (!/<span class="?(down|bot|degraded|unknown)\b/.test(dashboard.read(page))) continue;
    const use = (fact, way, test) => suite.add(`${fact}: ${label}`, () => reader.visit(dashboard, page, { way }, test));

    use("each run of bars that are not up has words with its minutes", "light", named);
    use("Tab reaches each timeline once, and arrow keys each of its runs", "light", byKeyboard);
    use("a bar under the mouse shows its description", "light", byMouse);
    use("the first bar of a run shows its description without script", "without script", withoutScript);
    use("a touched bar shows its description", "touch", byTouch);
    use("the description of a bar is visible on a narrow screen", "narrow", (opened) => isVisible(reader, opened));
  }
}
