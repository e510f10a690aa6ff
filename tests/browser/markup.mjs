// Checks of a page's bytes that need no browser.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { HtmlValidate, StaticConfigLoader } from "./modules.mjs";
import { SIZES } from "./plans.mjs";
import { assert, assertNone } from "./suite.mjs";

const rules = JSON.parse(readFileSync(new URL("htmlvalidate.json", import.meta.url)));

// Writes the end tags that HTML allows to omit, since html-validate knows only some of them. The
// table lists which open elements a start tag ends.
const ENDS = { td: ["td", "th"], th: ["td", "th"], tr: ["td", "th", "tr"], thead: [], tbody: ["td", "th", "tr", "thead", "tbody"],
  tfoot: ["td", "th", "tr", "thead", "tbody"], li: ["li"], dt: ["dt", "dd"], dd: ["dt", "dd"] };
const CLOSES_P = /^(address|article|details|div|dl|figure|footer|form|h[1-6]|header|main|nav|ol|p|section|table|ul)$/;
const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/;

function withEndTags(html) {
  const open = [];
  const end = (ends) => {
    let tags = "";
    while (ends(open.at(-1))) tags += `</${open.pop()}>`;
    return tags;
  };

  return html.replace(/<!--.*?-->|<(\/?)([a-z][\w-]*)((?:"[^"]*"|'[^']*'|[^'">])*)>/gis, (tag, closing, name, rest) => {
    if (!name) return tag;
    if (closing) {
      const tags = end((inner) => inner && inner !== name && (inner in ENDS || inner === "p"));
      if (open.at(-1) === name) open.pop();
      return tags + tag;
    }
    const tags = end((inner) => ENDS[name]?.includes(inner) || (inner === "p" && (CLOSES_P.test(name) || name in ENDS)));
    if (!VOID.test(name) && !rest.endsWith("/")) open.push(name);
    return tags + tag;
  });
}

const validator = new HtmlValidate(new StaticConfigLoader(rules));

export async function mistakes(dashboard, page) {
  const report = await validator.validateString(withEndTags(dashboard.read(page)));

  return report.results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`));
}

// Only files next to the page may be loaded, and only scripts with a listed hash may run.
function restricted(html) {
  const policy = /<meta\s+http-equiv="?Content-Security-Policy"?\s+content="([^"]*)"/i.exec(html)?.[1];

  assert(policy, "has a Content-Security-Policy");
  const directives = new Map(policy.split(";").map((one) => one.trim().split(/\s+/)).map(([name, ...sources]) => [name, sources]));
  assert.deepEqual(directives.get("default-src"), ["'none'"], "default-src is 'none'");
  for (const [name, sources] of directives)
    for (const source of sources)
      assert.match(source, /^('none'|'self'|file:|'sha(256|384|512)-[^']+')$/, `${name} allows ${source}`);
  assert(html.indexOf("Content-Security-Policy") < html.search(/<(script|link|style)\b/i), "the policy comes before everything it restricts");
}

function sizes(suite, workshop) {
  for (const [name, { plan, raw, compressed }] of Object.entries(SIZES)) {
    suite.add(`the index page is small: ${name}`, async () => {
      const bytes = Buffer.from((await workshop.render(`size-${name}`, plan())).read("index.html"));
      const gzipped = gzipSync(bytes, { level: 9 }).length;

      suite.figure(`${name}: index.html ${bytes.length} bytes (${raw} allowed), gzip -9 ${gzipped} (${compressed} allowed)`);
      assert(bytes.length <= raw, `${bytes.length} bytes, ${raw} allowed`);
      assert(gzipped <= compressed, `${gzipped} bytes gzipped, ${compressed} allowed`);
    });
  }
}

export function addMarkup(suite, { workshop, pages }) {
  for (const { dashboard, page, label } of pages) {
    suite.add(`the markup is valid: ${label}`, async () => assertNone(await mistakes(dashboard, page), "mistakes"));
    suite.add(`a policy restricts the page: ${label}`, () => restricted(dashboard.read(page)));
  }
  sizes(suite, workshop);
}
