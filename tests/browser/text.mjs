// What text browsers show in 80 columns. They ignore style sheets and scripts, and break lines in cells of
// tables too. A figure is a number with its unit, a duration, a clock time or two of them, or a date with
// its clock time: no line may end inside it.
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

import { INDEX } from "./promises.mjs";
import { assertNone } from "./suite.mjs";

const run = promisify(execFile);

const COMMANDS = {
  w3m: (columns, file) => ["-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8", "-cols", columns, file],
  lynx: (columns, file) => ["-dump", "-nolist", "-assume_charset=utf-8", "-display_charset=utf-8", `-width=${columns}`, "-cfg=/dev/null", file],
};
export const TEXT_BROWSERS = Object.keys(COMMANDS);
const COLUMNS = 80;
const WIDE = 240; // so that the text of one cell is not broken into lines between other cells

const plain = (text) => text.replace(/\u00a0/g, " ");

export async function lines(browser, dashboard, page, columns = COLUMNS) {
  const { stdout } = await run(browser, COMMANDS[browser](String(columns), join(dashboard.public, page)), { maxBuffer: 1 << 26 });

  return plain(stdout).split("\n");
}

export async function dump(browser, dashboard, page) {
  return (await lines(browser, dashboard, page, WIDE)).join(" ").replace(/\s+/g, " ");
}

const MONTH = "[A-Z]\\p{L}{2,3}\\.?";
const FIGURE = new RegExp([
  `\\d{1,2}\\.? ${MONTH}(?: \\d{4})?(?:, \\d\\d:\\d\\d)?(?!\\p{L})`,
  "\\d\\d:\\d\\d(?::\\d\\d)?(?:–(?:\\d\\d:\\d\\d|now))?",
  "(?:\\d+ d(?: \\d+ h)?|\\d+ h(?: \\d+ min)?|\\d+ min(?: \\d+ s)?|\\d+ s)(?![\\p{L}\\d])",
  "\\d[\\d,.]*(?: (?:%|ms)(?!\\p{L}))?"].join("|"), "gu");

const count = (texts) => {
  const counts = new Map();

  for (const text of texts)
    for (const [figure] of text.matchAll(FIGURE)) counts.set(figure, (counts.get(figure) ?? 0) + 1);
  return counts;
};

// The text of the page without its style, in the lines in which it is written.
function written(page) {
  return page.evaluate(() => {
    for (const sheet of document.styleSheets) sheet.disabled = true;
    for (const details of document.querySelectorAll("details")) details.open = true;
    for (const name of document.querySelectorAll("bdi")) name.textContent = ""; // names and failures
    for (const drawing of document.querySelectorAll("svg")) drawing.remove(); // labels of its axis; all of it is also in words
    return document.body.innerText.split(/[\n\t]/);
  });
}

async function keepsFigures(reader, browser, dashboard, name) {
  const expected = count((await reader.visit(dashboard, name, { way: "without script" }, written)).map(plain));
  const shown = count(await lines(browser, dashboard, name));

  assertNone([...expected].filter(([figure, times]) => (shown.get(figure) ?? 0) < times)
    .map(([figure, times]) => `"${figure}" is written ${times} times and shown ${shown.get(figure) ?? 0} times`), "broken figures");
}

// The rows of the index: the words of the name, what must follow it in this order, and the words of the reason.
function rowWords(page) {
  return page.evaluate(({ row, figure, state, reason }) => [...document.querySelectorAll(row)].map((one) => {
    const texts = (selector) => [...one.querySelectorAll(selector)].map((part) => part.textContent);
    return { name: one.querySelector("a").textContent.split(" "), follow: [...texts(state).map((text) => text.split(/\s/)[0]), ...texts(figure)],
      reason: texts(reason).join(" ").split(/\s+/).filter(Boolean) };
  }), INDEX);
}

// The cells of a row are side by side, so its reason may be in lines above and below its name, and the
// second word of the name below its state.
async function keepsOrder(reader, browser, dashboard) {
  const rows = await reader.visit(dashboard, "index.html", { way: "without script" }, rowWords);
  const text = ` ${(await lines(browser, dashboard, "index.html")).join(" ").replace(/\s+/g, " ")} `;
  const missing = [];
  let [before, at] = [0, text.indexOf(` ${rows[0].follow[0]} `, text.indexOf("Group 1"))];

  at = text.lastIndexOf(` ${rows[0].name[0]} `, at);
  rows.forEach(({ name, follow, reason }, i) => {
    const find = (words, from) => {
      const found = text.indexOf(` ${plain(words).replace(/\s+/g, " ").trim()} `, from);
      if (found < 0) missing.push(`"${words}" of ${name} does not follow "${text.slice(from - 60, from)}"`);
      return found < 0 ? from : found;
    };
    let place = find(name[0], at);
    const start = place;
    for (const word of name.slice(1)) find(word, start);
    for (const words of follow) place = find(words, place + 1);
    const next = rows[i + 1] ? text.indexOf(` ${rows[i + 1].name[0]} `, place) : text.length;
    let inReason = before;
    for (const word of reason) inReason = find(word, inReason) + 1;
    if (reason.length && (next < place || inReason > next + 400)) missing.push(`${name.join(" ")}: its reason or the next row is somewhere else`);
    [before, at] = [start, place];
  });
  assertNone(missing, "missing or misplaced words");
}

export function addText(suite, { reader, pages }) {
  for (const browser of TEXT_BROWSERS) {
    for (const { dashboard, page, label } of pages) {
      suite.add(`${browser} breaks no line inside a figure: ${label}`, () => keepsFigures(reader, browser, dashboard, page));
      if (page === "index.html" && dashboard.name.startsWith("thirty"))
        suite.add(`${browser} shows sites, states, reasons and figures in order: ${label}`, () => keepsOrder(reader, browser, dashboard));
    }
  }
}
