// A bar that is not up shows its minute, its state and the reason, by keyboard, mouse and touch.
import { sticksOut } from "./geometry.mjs";
import { changed } from "./pictures.mjs";
import { TIMELINE } from "./promises.mjs";
import { assert, assertNone } from "./suite.mjs";

const BAD = `${TIMELINE} > span:not(.up)`;
// Before the first check, only the first bar of a timeline has a description.
const DESCRIBED = `${BAD}[aria-label]`;
const MAX_STOPS = 400;

// The text of an element's tooltip; empty if none is visible.
function tooltip(page, selector = ":focus") {
  return page.evaluate((which) => {
    const element = document.querySelector(which);
    const look = element && getComputedStyle(element, "::after");

    if (!look || look.display === "none" || look.visibility !== "visible" || Number(look.opacity) === 0) return "";
    const text = look.content.replace(/attr\(([\w-]+)\)/, (_, name) => element.getAttribute(name));
    return /^(none|normal|"")$/.test(text) ? "" : text;
  }, selector);
}

// Before the first check the minutes have no details: one bar stands for all of them.
const DESCRIPTION = /\d\d:\d\d.*(down|degraded|bot|timeout|no data|unknown)|first checked|not checked/is;

async function named(page) {
  const wrong = await page.$$eval(BAD, (bars) => {
    const named = (bar) => bar.getAttribute("role") === "img" && /\d\d:\d\d|not checked/.test(bar.getAttribute("aria-label") ?? "");
    const unchecked = (bar) => {
      while (bar.previousElementSibling && !bar.hasAttribute("aria-label")) bar = bar.previousElementSibling;
      return /first checked|not checked/.test(bar.getAttribute("aria-label") ?? "");
    };

    return bars.filter((bar) => !named(bar) && !(bar.className === "unknown" && unchecked(bar))).map((bar) => bar.outerHTML.slice(0, 160));
  });
  const dressed = await page.$$eval(`${TIMELINE} > span.up`, (bars) =>
    bars.filter((bar) => bar.attributes.length !== 1 || bar.childNodes.length).map((bar) => bar.outerHTML.slice(0, 160)));

  assertNone(wrong, "bars that are not up and have no name");
  assertNone(dressed, "bars that are up and have more than a class");
}

// Tabs through the whole page; the first bar of each run must be a tab stop with a description.
async function byKeyboard(page) {
  const runs = await page.evaluate((bad) => {
    globalThis.firsts = [...document.querySelectorAll(bad)]
      .filter((bar) => bar.previousElementSibling?.className !== bar.className);
    return globalThis.firsts.length;
  }, BAD);
  const reached = new Set();
  const silent = [];

  for (let stop = 0; stop < MAX_STOPS && reached.size < runs; stop++) {
    await page.keyboard.press("Tab");
    const which = await page.evaluate(() => document.activeElement === document.body ? -2 : globalThis.firsts.indexOf(document.activeElement));
    if (which === -2 && stop > 0) break;
    if (which < 0) continue;
    reached.add(which);
    const text = await tooltip(page);
    if (!DESCRIPTION.test(text)) silent.push(`run ${which}: ${text || "nothing"}`);
  }
  if (runs <= MAX_STOPS / 2) assert.equal(reached.size, runs, "runs that Tab reaches");
  else assert(reached.size > 0, "Tab reaches no run");
  assertNone(silent, "bars without a description on focus");
}

async function byMouse(page) {
  for (const state of ["down", "degraded", "bot", "unknown"]) {
    const bar = page.locator(`${TIMELINE} > span.${state}`).first();
    if (!(await bar.count())) continue;
    await bar.scrollIntoViewIfNeeded();
    const { x, y, width, height } = await bar.boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    assert.match(await tooltip(page, `${TIMELINE} > span:hover`), DESCRIPTION, `a bar of ${state} under the mouse`);
  }
}

async function byTouch(page) {
  const bar = page.locator(DESCRIBED).first();
  await bar.scrollIntoViewIfNeeded();
  const { x, y, height } = await bar.boundingBox();
  // A tap is at a whole pixel, and a bar may be little wider than one.
  await page.touchscreen.tap(Math.ceil(x), y + height / 2);
  assert.match(await tooltip(page, `${TIMELINE} > span:is(:focus, :hover)`), DESCRIPTION);
}

// A tooltip could still be cut off, whatever the style sheet sets. So something must be visible
// next to the bar, and the page must not become wider.
async function isVisible(reader, page) {
  for (const bar of [page.locator(DESCRIBED).first(), page.locator(DESCRIBED).last()]) {
    await bar.scrollIntoViewIfNeeded();
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

    use("each bar that is not up has a name with its minute", "light", named);
    use("Tab reaches each run of bars and shows its description", "light", byKeyboard);
    use("a bar under the mouse shows its description", "light", byMouse);
    use("a touched bar shows its description", "touch", byTouch);
    use("the description of a bar is visible on a narrow screen", "narrow", (opened) => isVisible(reader, opened));
  }
}
