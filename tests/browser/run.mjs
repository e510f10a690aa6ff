// The dashboard in a real browser. run.mjs [quick]: all tests, or those for which `make check` has
// time. UPTICK, MOVED_CLOCK_LIBRARY, BROWSER_MODULES and SCREENSHOTS are paths set by make.
// BROWSER_ONLY is a part of the names of the tests to run; BROWSER_VERBOSE prints the time of each.
import { addAccess } from "./access.mjs";
import { addBars } from "./bars.mjs";
import { Reader } from "./browser.mjs";
import { Workshop } from "./dashboards.mjs";
import { addLayout } from "./layout.mjs";
import { addMarkup } from "./markup.mjs";
import { checked, PLANS } from "./plans.mjs";
import { addReading } from "./reading.mjs";
import { addScreenshots } from "./screenshots.mjs";
import { serve, serveEndpoints } from "./server.mjs";
import { addSpeed } from "./speed.mjs";
import { addStaleness } from "./staleness.mjs";
import { Suite } from "./suite.mjs";

// The pages of a dashboard to test: those named, or the first few.
const QUICK = { strange: ["index.html", "site/down.html", "site/doubtful.html"], checked: ["site/docs.html"] };
const FEW = { checked: ["index.html", "site/docs.html"], one: ["index.html", "site/site-0001.html"], "thirty-half": ["index.html", "site/site-0002.html"],
  strange: ["index.html", ...["down", "bot", "degraded", "gaps", "silent", "never", "rtl", "doubtful"].map((id) => `site/${id}.html`)] };
const PICTURES = { ...FEW, ...Object.fromEntries(["one-down", "thirty", "thousand", "thousand-half"].map((name) =>
  [name, ["index.html", "site/site-0001.html"]])) };
const LIVED = ["index.html", "site/down.html"];
const SAMPLE = ["index.html", "site/site-0001.html", "site/site-0500.html"];

// The pages of these dashboards; those without a choice have all of their pages.
function pagesOf(dashboards, choice) {
  return dashboards.flatMap((dashboard) => {
    const { name, big } = dashboard;
    const pages = choice[name] ?? (big ? SAMPLE : dashboard.pages());

    return pages.map((page) => ({ dashboard, page, label: `${name}/${page}`, big }));
  });
}

async function build(workshop, endpoints, all) {
  const dashboards = [await workshop.tick("checked", checked(endpoints.url))];

  for (const [name, { plan, quick, big }] of Object.entries(PLANS)) {
    if (!all && !quick) continue;
    dashboards.push(Object.assign(await workshop.render(name, plan()), { big }));
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
  addReading(suite, { reader, pages: small, served, strange: dashboards.find(({ name }) => name === "strange"),
    checked: dashboards[0] });
  addAccess(suite, { reader, pages });
  addLayout(suite, { reader, pages: few });
  addBars(suite, { reader, pages: few });
  addStaleness(suite, { reader, served, pages: few.filter(({ page }) => LIVED.includes(page)) });
  addScreenshots(suite, { reader, folder: process.env.SCREENSHOTS, pages: pagesOf(dashboards, all ? PICTURES : QUICK), all });
  addSpeed(suite, { reader, workshop, plans, all });
}

async function main() {
  const all = process.argv[2] !== "quick";
  const [suite, workshop, reader] = [new Suite(), new Workshop(), new Reader()];
  const servers = [await serveEndpoints()];

  try {
    const dashboards = await build(workshop, servers[0], all);
    const served = new Map();
    for (const dashboard of dashboards) {
      servers.push(await serve(dashboard.public));
      served.set(dashboard, servers.at(-1).url);
    }
    await reader.open();
    add(suite, { reader, workshop, dashboards, served, all });
    return await suite.run({ atOnce: 2, only: process.env.BROWSER_ONLY, verbose: process.env.BROWSER_VERBOSE });
  } finally {
    await reader.close();
    for (const server of servers) server.close();
    workshop.close();
  }
}

process.exitCode = (await main()) ? 1 : 0;
