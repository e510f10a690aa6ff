// What can be said of a page's bytes without a browser.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { HtmlValidate, StaticConfigLoader } from "./modules.mjs";
import { SIZES } from "./plans.mjs";
import { assert, assertNone } from "./suite.mjs";

const rules = JSON.parse(readFileSync(new URL("htmlvalidate.json", import.meta.url)));

async function valid(validator, dashboard, page) {
  const report = await validator.validateFile(join(dashboard.public, page));

  assertNone(report.results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`)), "mistakes");
}

// Only what lies beside the page may be loaded, and nothing within it runs but what its hash names.
function lockedDown(html) {
  const policy = /<meta\s+http-equiv="?Content-Security-Policy"?\s+content="([^"]*)"/i.exec(html)?.[1];

  assert(policy, "has a Content-Security-Policy");
  const directives = new Map(policy.split(";").map((one) => one.trim().split(/\s+/)).map(([name, ...sources]) => [name, sources]));
  assert.deepEqual(directives.get("default-src"), ["'none'"], "default-src is 'none'");
  for (const [name, sources] of directives)
    for (const source of sources)
      assert.match(source, /^('none'|'self'|file:|'sha(256|384|512)-[^']+')$/, `${name} allows ${source}`);
  assert(html.indexOf("Content-Security-Policy") < html.search(/<(script|link|style)\b/i), "the policy stands before all it rules");
}

function sizes(suite, workshop) {
  for (const [name, { plan, raw, packed }] of Object.entries(SIZES)) {
    suite.add(`an index is light: ${name}`, async () => {
      const bytes = Buffer.from((await workshop.render(name, plan())).read("index.html"));
      const gzipped = gzipSync(bytes, { level: 9 }).length;

      suite.figure(`${name}: index.html ${bytes.length} bytes (${raw} allowed), gzip -9 ${gzipped} (${packed} allowed)`);
      assert(bytes.length <= raw, `${bytes.length} bytes, ${raw} allowed`);
      assert(gzipped <= packed, `${gzipped} bytes gzipped, ${packed} allowed`);
    });
  }
}

export function addMarkup(suite, { workshop, pages }) {
  const validator = new HtmlValidate(new StaticConfigLoader(rules));

  for (const { dashboard, page, label } of pages) {
    suite.add(`the markup is valid: ${label}`, () => valid(validator, dashboard, page));
    suite.add(`a policy locks the page down: ${label}`, () => lockedDown(dashboard.read(page)));
  }
  sizes(suite, workshop);
}
