// What assistive technology gets: axe-core's rules, for several kinds of readers.
import { axeSource } from "./modules.mjs";
import { FIND, TIMELINE } from "./promises.mjs";
import { assertNone } from "./suite.mjs";

const LOOKS = ["light", "dark", "narrow", "forced"];
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

// A bar that is up is an empty element with a class (bars.mjs checks that). It cannot break a rule.
// Most of a page is such bars, and each costs axe a millisecond or more.
const BARE = `${TIMELINE} > span.up`;

async function violations(page) {
  await page.evaluate(axeSource);
  return page.evaluate(async ([tags, bare]) => {
    for (const bar of document.querySelectorAll(bare)) bar.remove();
    // A browser does not lay out off-screen rows of a long table. axe would measure them in the wrong place.
    for (const row of document.querySelectorAll(".many tbody tr")) row.style.contentVisibility = "visible";
    const { violations } = await globalThis.axe.run(document, {
      runOnly: { type: "tag", values: tags }, resultTypes: ["violations"], preload: false, elementRef: false,
    });

    return violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}): ${nodes.slice(0, 2)
      .map(({ html, any, all }) => `${html.slice(0, 120)} ${[...any, ...all].map(({ message }) => message).join("; ")}`).join(" | ")}`);
  }, [TAGS, BARE]);
}

// Opens what is folded, and shows only the sites with this text.
async function unfold(page) {
  await page.evaluate(() => {
    for (const details of document.querySelectorAll("details")) details.open = true;
  });
  if (await page.locator(FIND).count()) await page.locator(FIND).fill("1");
}

export function addAccess(suite, { reader, pages, few }) {
  const add = ({ dashboard, page, label }, way, what, prepare) =>
    suite.add(`no rule of WCAG 2.2 AA is broken: ${label}, ${what}`, () => reader.visit(dashboard, page, { way }, async (opened) => {
      await prepare?.(opened);
      assertNone(await violations(opened), "violations");
    }));

  for (const page of pages)
    for (const way of LOOKS) add(page, way, way);
  for (const page of few)
    for (const way of ["light", "dark"]) add(page, way, `${way}, unfolded and filtered`, unfold);
}
