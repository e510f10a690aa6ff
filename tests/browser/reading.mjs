// What a reader gets: with and without script, from a server and from the disk, and in the tab.
import { address } from "./browser.mjs";
import { percent } from "./facts.mjs";
import { HOSTILE, OUTAGE } from "./plans.mjs";
import { SCRIPT_ONLY, SWITCH } from "./promises.mjs";
import { assert } from "./suite.mjs";
import { dump, TEXT_BROWSERS } from "./text.mjs";

const SWITCHED = ["strange/index.html", "strange/site/down.html", "thirty-half/index.html", "thirty-half/site/site-0002.html"];

// The visible text, one line per entry, without these elements.
export function shownText(page, without) {
  return page.evaluate((hidden) => {
    for (const element of document.querySelectorAll(hidden)) element.style.setProperty("display", "none", "important");
    return document.body.innerText.split("\n").map((line) => line.replace(/\s+/g, " ").trim()).filter(Boolean);
  }, without.join());
}

async function sameWithoutScript(reader, dashboard, name) {
  const read = (page) => shownText(page, SCRIPT_ONLY);
  const [without, with_] = [await reader.visit(dashboard, name, { way: "without script" }, read),
    await reader.visit(dashboard, name, {}, read)];

  assert.deepEqual(without, with_);
}

// A script that breaks, or that does not arrive, takes nothing from the page.
async function sameWithBrokenScript(reader, dashboard, name) {
  const expected = await reader.visit(dashboard, name, { way: "without script" }, (page) => shownText(page, SCRIPT_ONLY));

  for (const answer of [{ contentType: "text/javascript", body: "throw new Error('broken');" }, { status: 404, body: "" }]) {
    const page = await reader.fresh();
    try {
      await page.route("**/uptick.js", (route) => route.fulfill(answer));
      await page.goto(address(dashboard, name));
      assert.deepEqual(await shownText(page, SCRIPT_ONLY), expected);
    } finally {
      await page.context().close();
    }
  }
}

// The switch changes what is shown, and parts fold, by the browser alone.
async function switchesWithoutScript(page) {
  const radios = await page.$$eval(SWITCH, (inputs) => inputs.map(({ id }) => id));
  const pictures = new Set();

  assert(radios.length > 2, `${radios.length} spans to choose from`);
  for (const id of radios) {
    await page.locator(`label[for="${id}"], label:has(#${id})`).first().click();
    assert(await page.locator(`#${id}`).isChecked(), `${id} is chosen`);
    pictures.add((await page.screenshot()).toString("base64"));
  }
  assert.equal(pictures.size, radios.length, "pictures of the spans that differ");
  for (const summary of (await page.locator("summary").all()).slice(0, 3)) {
    const isOpen = () => summary.evaluate(({ parentElement }) => parentElement.open);
    const before = await isOpen();
    await summary.click();
    assert.equal(await isOpen(), !before, "a part folds");
  }
}

// The title and the icon show the worst state, and the icon exists.
async function tab(page, dashboard, state, counted) {
  const title = await page.title();
  const bad = state === "DOWN" || state === "DEGRADED";

  assert.equal(title.includes("▲"), bad, `the title in state ${state}: ${title}`);
  if (bad && counted) {
    const shown = [...title.matchAll(/(\d+) (?:down|degraded)/g)].reduce((sum, [, number]) => sum + Number(number), 0);
    assert.equal(shown, counted, `sites with problems in the title: ${title}`);
  }
  const icon = await page.evaluate(async () => {
    const image = new Image();

    image.src = document.querySelector('link[rel~="icon"]').href;
    await image.decode();
    return image.src;
  });
  assert.match(icon, new RegExp(`\\b${state.toLowerCase()}\\b`));
}

const stateOf = (dashboard, page) => page === "index.html" ? dashboard.status.status
  : dashboard.status.sites.find(({ id }) => page === `site/${id}.html`).status;

function countOf(dashboard, page) {
  return page === "index.html" && dashboard.status.sites.filter(({ status }) => status === "DOWN" || status === "DEGRADED").length;
}

function everyPage(suite, reader, pages, served) {
  for (const { dashboard, page, label } of pages) {
    for (const from of [served.get(dashboard), undefined])
      suite.add(`the console is empty and no other host is contacted: ${label}, ${from ? "http" : "file"}`, () =>
        reader.visit(dashboard, page, { from }));
    suite.add(`the text is the same without script: ${label}`, () => sameWithoutScript(reader, dashboard, page));
    suite.add(`the text is the same if the script breaks: ${label}`, () => sameWithBrokenScript(reader, dashboard, page));
    suite.add(`title and icon show the state: ${label}`, () => reader.visit(dashboard, page,
      { from: served.get(dashboard) }, (opened) => tab(opened, dashboard, stateOf(dashboard, page), countOf(dashboard, page))));
  }
}

// Hostile names are text: no part of them became an element or ran.
async function hostile(page, names) {
  const text = await page.evaluate(() => document.body.textContent);
  const elements = await page.evaluate(() => document.querySelectorAll("img[onerror], script:not([src]), b *, [src='x']").length);

  for (const name of names) assert(text.includes(name), `shows ${name}`);
  assert.equal(elements, 0, "elements of a hostile name");
  assert.doesNotMatch(text, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, "control characters");
}

const clock = (dashboard, ago) => new Date(dashboard.at - ago * 60_000).toISOString().slice(11, 16);

// State, uptimes and the outage are there in words, since text is all there is.
async function inWords(browser, dashboard) {
  const index = await dump(browser, dashboard, "index.html");
  const site = await dump(browser, dashboard, "site/mended.html");
  const { uptime } = dashboard.status.sites.find(({ id }) => id === "mended");
  const bad = countOf(dashboard, "index.html");

  assert.match(index, new RegExp(`\\b${bad} of ${dashboard.status.sites.length} sites have problems`));
  for (const { name, id } of dashboard.status.sites.slice(-6)) assert(index.includes(name ?? id), `names ${name}`);
  for (const span of ["24h", "7d"]) {
    const shown = percent(uptime[span].uptime_percent, 3);
    assert(site.includes(shown), `shows the uptime of ${span}, ${shown}`);
  }
  const doubtful = await dump(browser, dashboard, "site/doubtful.html");

  for (const words of ["checking", "recovering", "failed once, not confirmed", "2 failures were not confirmed", "then 503"])
    assert(doubtful.includes(words), `shows '${words}'`);
  const { from, to } = OUTAGE;
  for (const text of [index, site])
    assert.match(text, new RegExp(`down[^.;]*${clock(dashboard, from)}\\W+${clock(dashboard, to)}`, "i"));
}

async function undelivered(browser, dashboard) {
  for (const page of ["index.html", "site/docs.html"])
    assert.match(await dump(browser, dashboard, page), /\b[1-9]\d* alerts could not be delivered yet/);
}

export function addReading(suite, { reader, pages, served, strange, checked }) {
  everyPage(suite, reader, pages, served);
  for (const { dashboard, page, label } of pages.filter(({ label }) => SWITCHED.includes(label)))
    suite.add(`the span is switched without script: ${label}`, () =>
      reader.visit(dashboard, page, { way: "without script" }, switchesWithoutScript));
  suite.add("hostile names and failures are shown as text", async () => {
    await reader.visit(strange, "index.html", {}, (page) => hostile(page, HOSTILE));
    for (let i = 0; i < 3; i++)
      await reader.visit(strange, `site/hostile-${i}.html`, {}, (page) => hostile(page, [HOSTILE[i], `got ${HOSTILE[i]}`]));
    await reader.visit(strange, "site/degraded.html", {}, (page) => hostile(page, ["<b>other</b>"]));
  });
  for (const browser of TEXT_BROWSERS) {
    suite.add(`${browser} shows states, uptimes and outages in words`, () => inWords(browser, strange));
    suite.add(`${browser} shows alerts that could not be delivered`, () => undelivered(browser, checked));
  }
}
