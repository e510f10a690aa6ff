// How pages look on screens of any width, on paper, without colour and without motion.
import { columns } from "./pictures.mjs";
import { shownText } from "./reading.mjs";
import { SCREEN_ONLY, TIMELINE } from "./promises.mjs";
import { assert, assertNone } from "./suite.mjs";

const WIDTHS = [320, 768, 1280, 3840];

// The innermost elements that extend beyond the right edge of the page; empty if everything fits.
export function sticksOut(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;

    if (document.scrollingElement.scrollWidth <= width) return [];
    const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 0.5);
    const inner = out.filter((one) => ![...one.children].some((child) => out.includes(child)));
    return [`${document.scrollingElement.scrollWidth} px of ${width}`,
      ...inner.map((one) => `<${one.localName} class="${one.className}"> ${one.textContent.slice(0, 60)}`)];
  });
}

async function fits(page) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const out = await sticksOut(page);
    assertNone(out.map((one) => `at ${width}: ${one}`), "elements wider than the page");
  }
}

// A bar of each state on the page, with the features other than its colour that make it different.
function shapes(page) {
  return page.evaluate((timeline) => {
    const found = {};

    for (const bar of document.querySelectorAll(`${timeline} > span`)) {
      if (found[bar.className]) continue;
      const look = getComputedStyle(bar);
      const { height } = bar.getBoundingClientRect();
      found[bar.className] = {
        shape: [Math.round(height), look.clipPath, look.borderRadius, look.borderTopStyle, look.borderTopWidth,
          look.backgroundImage, look.maskImage].join(),
        painted: look.printColorAdjust === "exact" || parseFloat(look.borderTopWidth) > 0,
        shown: height > 0,
      };
    }
    return found;
  }, TIMELINE);
}

function assertDifferent(found, where) {
  const states = Object.entries(found);

  for (const [state, { shown }] of states) assert(shown, `${where}: a bar of ${state} is visible`);
  const different = new Set(states.map(([, { shape }]) => shape));
  assert.equal(different.size, states.length, `${where}: ${JSON.stringify(found, null, 1)}`);
}

// With forced colours, each bar still has another colour than its background.
async function visibleInForcedColours(reader, page) {
  const found = await shapes(page);

  assertDifferent(found, "forced colours");
  for (const state of Object.keys(found)) {
    const bar = page.locator(`${TIMELINE} > span.${state}`).first();
    await bar.scrollIntoViewIfNeeded();
    const box = await bar.boundingBox();
    const [column, [ground]] = await columns(reader, page,
      [{ ...box, x: box.x + box.width / 2 }, { x: 1, y: box.y, height: 1 }]);
    assert(column.some((colour) => colour !== ground), `a bar of ${state} is ${column[0]} on ${ground}`);
  }
}

async function onPaper(page) {
  const screen = await shownText(page, SCREEN_ONLY);
  await page.emulateMedia({ media: "print" });
  const paper = new Set(await shownText(page, SCREEN_ONLY));
  const found = await shapes(page);

  assertNone(screen.filter((line) => !paper.has(line)), "lines are not on paper");
  assertDifferent(found, "paper");
  for (const [state, { painted }] of Object.entries(found)) assert(painted, `a bar of ${state} is printed without its colour or border`);
}

async function still(page) {
  const focusable = page.locator("a, summary, [tabindex]");

  for (let i = Math.min(5, await focusable.count()) - 1; i >= 0; i--) {
    await focusable.nth(i).focus();
    assert.equal(await page.evaluate(() => document.getAnimations().filter(({ playState }) => playState === "running").length), 0);
  }
}

export function addLayout(suite, { reader, pages }) {
  for (const { dashboard, page, label } of pages) {
    const look = (fact, way, use) =>
      suite.add(`${fact}: ${label}`, () => reader.visit(dashboard, page, { way }, use));

    look("nothing scrolls sideways from 320 to 3840 px", "light", fits);
    look("bars differ by more than colour, light", "light", async (opened) => assertDifferent(await shapes(opened), "light"));
    look("bars differ by more than colour, dark", "dark", async (opened) => assertDifferent(await shapes(opened), "dark"));
    look("bars are visible if colours are forced", "forced", (opened) => visibleInForcedColours(reader, opened));
    look("everything important is printed", "light", onPaper);
    look("nothing moves if reduced motion is preferred", "reduced motion", still);
  }
}
