// How pages look on screens of any width, on paper, without colour and without motion.
import { columns } from "./pictures.mjs";
import { shownText } from "./reading.mjs";
import { badBars, badTexts, coveredPart, faintLabels, highRows, squeezedNames, sticksOut } from "./geometry.mjs";
import { INDEX, NAVIGATION, SCREEN_ONLY, TIMELINE } from "./promises.mjs";
import { assert, assertNone } from "./suite.mjs";

const WIDTHS = [320, 390, 768, 900, 1024, 1280, 1680, 2560, 3840];
// From here on a site of the index is one line, and the bars are whole pixels wide.
const ONE_LINE = 900;
const WHOLE_PIXELS = 1024;
const ROW_MAX = 44;
// A window of 1280 x 1024 pixels at 200 % and 400 %.
const ZOOMED = [{ width: 640, height: 512 }, { width: 320, height: 256 }];
const COVERED_MAX = 0.4;

async function fits(page) {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 800 });
    const at = (list) => list.map((one) => `at ${width}: ${one}`);
    assertNone(at(await sticksOut(page)), "elements wider than the page");
    assertNone(at(await badTexts(page)), "texts that are cut or on top of each other");
    assertNone(at(await squeezedNames(page)), "names without room");
    if (width >= ONE_LINE) assertNone(at(await highRows(page, ROW_MAX)), `rows higher than ${ROW_MAX} px`);
    if (width >= WHOLE_PIXELS) assertNone(at(await badBars(page)), "timelines with uneven bars");
  }
}

// Zoomed, there is still room to read, next to what does not scroll.
async function zooms(page) {
  for (const size of ZOOMED) {
    await page.setViewportSize(size);
    await page.evaluate(() => scrollTo({ top: document.documentElement.scrollHeight / 2, behavior: "instant" }));
    const [out, covered] = [await sticksOut(page), await coveredPart(page)];
    assertNone(out, `elements wider than the page, ${size.width} px wide`);
    assert(covered <= COVERED_MAX, `${Math.round(100 * covered)} % of a window of ${size.height} px is covered`);
  }
}

// The head of the table stays at the top while its rows pass.
async function headStays(page) {
  const found = await page.evaluate(([row, head]) => {
    const rows = [...document.querySelectorAll(row)].filter((one) => one.checkVisibility());
    rows.at(-1).scrollIntoView({ block: "center", behavior: "instant" });
    const { top, bottom } = document.querySelector(head).getBoundingClientRect();
    return { moved: scrollY, top, bottom };
  }, [INDEX.row, INDEX.head]);

  assert(found.moved > 0, "the page scrolls");
  assert(Math.abs(found.top) <= 1 && found.bottom > 0, `the head is at ${found.top} px`);
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

const brightness = (colour) => colour.split(",").reduce((sum, part, i) => sum + ([0.2126, 0.7152, 0.0722][i] ?? 0) * (part / 255) ** 2.2, 0.05);

// The pixels of a bar of each state, from the top to the bottom of its timeline: "#" is painted. Of a few
// bars of the state the most frequent picture counts, since lines of the axis may cross some.
async function drawn(reader, page) {
  const places = await page.evaluate((timeline) => {
    const first = document.querySelector(timeline)?.getBoundingClientRect();
    if (first) scrollTo({ top: first.top + scrollY - 100, behavior: "instant" });
    return [...document.querySelectorAll(`${timeline} > span`)].map((bar) => {
      const [box, outer] = [bar.getBoundingClientRect(), bar.parentElement.getBoundingClientRect()];
      return { state: bar.className, x: box.x + box.width / 2 - 0.01, y: Math.floor(outer.y), height: Math.ceil(outer.bottom) - Math.floor(outer.y) };
    }).filter(({ y, height }) => height > 0 && y > 0 && y + height < innerHeight);
  }, TIMELINE);
  const kept = places.filter(({ state }, i) => places.slice(0, i).filter((other) => other.state === state).length < 9);
  const [[ground], ...found] = await columns(reader, page, [{ x: 1, y: kept[0]?.y ?? 1, height: 1 }, ...kept]);
  const pictures = {};

  found.forEach((column, i) => {
    const picture = column.map((colour) => {
      const [a, b] = [brightness(colour), brightness(ground)];
      return Math.max(a, b) / Math.min(a, b) > 1.6 ? "#" : ".";
    }).join("");
    ((pictures[kept[i].state] ??= {})[picture] ??= []).push(i);
  });
  return Object.fromEntries(Object.entries(pictures).map(([state, all]) =>
    [state, Object.entries(all).sort(([, one], [, other]) => other.length - one.length)[0][0]]));
}

// Without any colour, the states still look different: the worse a state, the more of its bar is painted.
async function differInGrey(reader, page) {
  const pictures = await drawn(reader, page);
  const states = Object.keys(pictures);
  const painted = (state) => pictures[state].split("#").length - 1;
  const less = (one, other) => !(one in pictures && other in pictures) || assert(painted(one) < painted(other), `less of ${one} than of ${other}: ${JSON.stringify(pictures, null, 1)}`);

  for (const state of states) assert(painted(state) > 0, `a bar of ${state} is visible: ${pictures[state]}`);
  assert.equal(new Set(Object.values(pictures)).size, states.length, `pictures that differ: ${JSON.stringify(pictures, null, 1)}`);
  less("up", "degraded");
  less("degraded", "down");
  less("unknown", "up");
}

async function onPaper(page) {
  const screen = await shownText(page, SCREEN_ONLY);
  await page.emulateMedia({ media: "print" });
  const paper = new Set(await shownText(page, SCREEN_ONLY));
  const found = await shapes(page);

  const shown = await page.evaluate((navigation) => [...document.querySelectorAll(navigation)].filter((one) => one.checkVisibility()).map((one) => one.outerHTML.slice(0, 80)), NAVIGATION);

  assertNone(screen.filter((line) => !paper.has(line)), "lines are not on paper");
  assertNone(shown, "elements on paper that lead elsewhere");
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

    look("everything fits from 320 to 3840 px", "light", fits);
    look("a page can be read at 200 and 400 %", "light", zooms);
    for (const way of ["light", "dark"])
      look(`labels of drawings have contrast, ${way}`, way, async (opened) => assertNone(await faintLabels(opened), "faint labels"));
    if (page === "index.html" && dashboard.status.sites.length > 20) look("the head of the table stays", "light", headStays);
    for (const way of ["light", "dark", "forced"])
      look(`bars differ by more than colour, ${way}`, way, (opened) => differInGrey(reader, opened));
    look("everything important is printed", "light", onPaper);
    look("nothing moves if reduced motion is preferred", "reduced motion", still);
  }
}
