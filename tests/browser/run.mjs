// The dashboard in a real browser. run.mjs [quick]: all tests, or those for which `make check` has
// time. UPTICK, MOVED_CLOCK_LIBRARY, BROWSER_MODULES and SCREENSHOTS are paths set by make.
// BROWSER_ONLY is a part of the names of the tests to run; BROWSER_VERBOSE prints the time of each.
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { addAccess } from "./access.mjs";
import { addBars } from "./bars.mjs";
import { Reader } from "./browser.mjs";
import { addColours } from "./colours.mjs";
import { AT, Workshop } from "./dashboards.mjs";
import { addFacts } from "./facts.mjs";
import { addFreshness } from "./freshness.mjs";
import { addLayout } from "./layout.mjs";
import { addMarkup } from "./markup.mjs";
import { checked, PLANS } from "./plans.mjs";
import { addReading } from "./reading.mjs";
import { addScreenshots } from "./screenshots.mjs";
import { addScript } from "./script.mjs";
import { serve, serveAwkward, serveEndpoints } from "./server.mjs";
import { addSpeed } from "./speed.mjs";
import { addStaleness } from "./staleness.mjs";
import { Suite } from "./suite.mjs";
import { addText } from "./text.mjs";

// The pages of a dashboard to test: those named, or the first few.
const QUICK = { strange: ["index.html", "site/down.html", "site/doubtful.html"], checked: ["site/docs.html"] };
const FEW = { checked: ["index.html", "site/docs.html"], one: ["index.html", "site/site-0001.html"], five: ["index.html", "site/shop.html"],
  crowd: ["site/crowd.html"], "thirty-half": ["index.html", "site/site-0002.html"], "thirty-half-past": ["index.html", "site/site-0002.html"],
  strange: ["index.html", ...["down", "bot", "degraded", "gaps", "silent", "never", "rtl", "doubtful"].map((id) => `site/${id}.html`)] };
const PICTURES = { ...FEW, crowd: ["index.html", "site/crowd.html"], ...Object.fromEntries(["one-down", "thirty", "two-hundred-half", "thousand"].map((name) =>
  [name, ["index.html", "site/site-0001.html"]])) };
const LIVED = ["index.html", "site/down.html"];
const SAMPLE = ["index.html", "site/site-0001.html", "site/site-0500.html"];
const MAX_PAGES = 5; // of the sites of one plan, which are alike
const DAY_S = 86400;

// The pages of these dashboards; those without a choice have all of their pages.
function pagesOf(dashboards, choice) {
  return dashboards.flatMap((dashboard) => {
    const { name, big } = dashboard;
    const all = dashboard.pages();
    const pages = (choice[name] ?? (big ? SAMPLE : name === "strange" ? all : all.slice(0, MAX_PAGES))).filter((page) => all.includes(page));

    return pages.map((page) => ({ dashboard, page, label: `${name}/${page}`, big }));
  });
}

// The server of a certificate that ends nine days after the moment of the dashboards.
async function serveCertificate(workshop) {
  const folder = join(workshop.folder, "certificate");
  const server = await serveAwkward(folder);
  const now = Math.floor(AT / 1000);

  writeFileSync(join(folder, "tls-listed"), `${now - 81 * DAY_S} ${now + 9 * DAY_S}\n`);
  return { ...server, tls: `https://127.0.0.1:${server.ports["tls-listed"]}`, authority: join(folder, "ca.pem") };
}

async function build(workshop, endpoints, certificate, all) {
  const dashboards = [await workshop.tick("checked", checked(endpoints.url, certificate))];

  for (const [name, { plan, quick, big, past }] of Object.entries(PLANS)) {
    if (!all && !quick) continue;
    dashboards.push(Object.assign(await workshop.render(name, plan()), { big }));
    if (past) dashboards.push(Object.assign(await workshop.renderPast(`${name}-past`, plan()), { past }));
  }
  return dashboards;
}

function add(suite, { reader, workshop, dashboards, served, all }) {
  const pages = pagesOf(dashboards, all ? {} : QUICK);
  const small = pages.filter(({ big }) => !big);
  // Many pages are alike, such as those of thirty sites. For slow tests a few of them are enough.
  const few = pagesOf(dashboards.filter(({ name }) => name in FEW), all ? FEW : QUICK);
  const plans = Object.fromEntries(Object.entries(PLANS).map(([name, { plan }]) => [name, plan]));

  addMarkup(suite, { workshop, pages: small });
  addFacts(suite, { reader, pages });
  addReading(suite, { reader, pages: small, served, strange: dashboards.find(({ name }) => name === "strange"),
    checked: dashboards[0] });
  addText(suite, { reader, pages: few });
  addAccess(suite, { reader, pages, few });
  addLayout(suite, { reader, pages: few });
  addBars(suite, { reader, pages: few });
  addStaleness(suite, { reader, served, pages: few.filter(({ page, dashboard }) => LIVED.includes(page) || dashboard.past) });
  addColours(suite, { reader, dashboard: dashboards[0], served });
  addFreshness(suite, { reader, workshop });
  addScript(suite, { reader, workshop });
  addScreenshots(suite, { reader, folder: process.env.SCREENSHOTS, pages: pagesOf(dashboards, all ? PICTURES : QUICK), all });
  addSpeed(suite, { reader, workshop, plans, all });
}

async function main() {
  const all = process.argv[2] !== "quick";
  const [suite, workshop, reader] = [new Suite(), new Workshop(), new Reader()];
  const servers = [await serveEndpoints(), await serveCertificate(workshop)];

  try {
    const dashboards = await build(workshop, ...servers, all);
    const served = new Map();
    for (const dashboard of dashboards) {
      servers.push(await serve(dashboard.public));
      served.set(dashboard, servers.at(-1).url);
    }
    await reader.open();
    add(suite, { reader, workshop, dashboards, served, all });
    return await suite.run({ atOnce: 2, only: process.env.BROWSER_ONLY, verbose: process.env.BROWSER_VERBOSE });
  } finally {
    for (const server of servers) server.close();
    await reader.close();
    workshop.close();
  }
}

// A server that an error left open would keep node running.
process.exit((await main()) ? 1 : 0);
