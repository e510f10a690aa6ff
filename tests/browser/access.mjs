// What assistive technology gets: axe-core's rules, for several kinds of readers.
import { axeSource } from "./modules.mjs";
import { TIMELINE } from "./promises.mjs";
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

export function addAccess(suite, { reader, pages }) {
  for (const { dashboard, page, label, looks = LOOKS } of pages)
    for (const way of looks)
      suite.add(`no rule of WCAG 2.2 AA is broken: ${label}, ${way}`, () =>
        reader.visit(dashboard, page, { way }, async (opened) => assertNone(await violations(opened), "violations")));
}
