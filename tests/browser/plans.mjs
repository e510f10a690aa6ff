// The dashboards of the tests: their sites, and the outages of these.

const domain = (site, id, more = {}) => ({ id, name: more.name ?? id, url: `https://${id.slice(0, 63)}.${site.slice(0, 63)}.example/health`, ...more });

const down = (from, to, text = "http_status: expected 200, got 503", http = 503) =>
  ({ from, to, status: "DOWN", text, http });
const timeout = (from, to) =>
  ({ from, to, status: "TIMEOUT", text: "timeout: 20 s passed waiting for the first byte" });
const bot = (from, to) =>
  ({ from, to, status: "BOT_DETECTED", text: 'bot: the page says "Checking your browser"', http: 200 });
const gap = (from, to) => ({ from, to, status: null });

// Days before the rows, with and without outages.
const NINETY = { known: 90 };
const BAD_DAYS = { ...NINETY, bad: { 5: 8, 6: 300, 19: 1, 33: 1440, 60: 40, 88: 12 } };
const NETWORK = [{ from: 55, to: 48, scope: "ipv4-public" }];

// Sites with up to three domains each; with half, every second one is down. groups: of so many sites.
// known: 90 days of day counts.
function many(count, { half = false, domains = 3, every = 300, days = 2, groups = 0, known = false, network } = {}) {
  return {
    network,
    sites: Array.from({ length: count }, (_, i) => {
      const id = `site-${String(i + 1).padStart(4, "0")}`;
      const bad = half && i % 2 === 1;
      const outages = bad ? [down(190 - (i % 60), 120), down(37 + (i % 20), -1)] : [];
      const all = [domain(id, "www", { outages }), domain(id, "api"),
        domain(id, "images", { role: "supplementary", outages: half && i % 4 === 3 ? [timeout(80, 60)] : [] })];

      return { id, name: `Site ${i + 1}`, group: groups ? `Group ${Math.floor(i / groups) + 1}` : undefined,
        domains: all.slice(0, domains).map((one) => ({ ...one, every, days, ...(known && (bad ? BAD_DAYS : NINETY)) })) };
    }),
  };
}

export const HOSTILE = ["</script><script>alert(1)</script>", '"><img src=x onerror=alert(1)>',
  "'+alert(1)+'", "{{title}}", "&lt;b&gt;", "<!--", "]]>", "javascript:alert(1)", "`${1}`"];
// Text that the configuration rejects in a name may still come from the network.
const REORDERED = "tls: certificate of \u202egro.elpmaxe\u2069 \u0007\u001b[31m\u0085 is for \u200f<b>other</b>";
const LONG = `body: expected "Add to basket", got ${"a page without any of it ".repeat(11)}`.slice(0, 300);
const LONG_WORD = `dns: no such host ${"x".repeat(63)}.${"y".repeat(63)}.${"z".repeat(63)}.${"w".repeat(60)}.example`;
const ID_64 = `site-${"w".repeat(58)}1`;

export const OUTAGE = { from: 125, to: 95 }; // of "mended/www", in minutes before the moment

function strange() {
  const rows = {
    rtl: "متجر الأمثلة الكبير", hebrew: "חנות לדוגמה (v2)", cjk: "例子商店・サンプルショップ・예시 가게", emoji: "👩‍👩‍👧‍👦 🏳️‍🌈 Família",
    combining: "Z̷̢͎a̴͝l̵̕g̶̀o", long: `A name ${"that goes on and on ".repeat(5)}`.slice(0, 100), unbroken: "n".repeat(90),
  };
  const sites = Object.entries(rows).map(([id, name]) => ({
    id, name, domains: [domain(id, "www", { name, every: 60 }), domain(id, "api", { role: "supplementary" })],
  }));
  HOSTILE.forEach((name, i) => sites.push({
    id: `hostile-${i}`, name,
    domains: [domain(`hostile-${i}`, "www", { name, url: `https://user:secret@h.example/${encodeURIComponent(name)}?q=<b>`,
      outages: i < 3 ? [down(30, -1, `body: got ${name}`, 200)] : [] })],
  }));
  const of = (id, name, ...domains) => sites.push({ id, name, domains });
  of(ID_64, ID_64, domain("d", "d".repeat(64), { outages: [down(20, -1, LONG, 200)] }));
  of("down", "Down now", domain("down", "www", { every: 60, days: 9, outages: [down(3000, 2980), timeout(200, 190), down(17, -1)] }),
    domain("down", "api", { outages: [down(50, -1, LONG_WORD, null)] }));
  of("timeout", "Times out", domain("timeout", "www", { every: 60, outages: [timeout(12, -1)] }));
  of("bot", "Bot detected", domain("bot", "www", { every: 60, outages: [bot(100, 70), bot(8, -1)] }));
  of("degraded", "Degraded", domain("degraded", "www"),
    domain("degraded", "images", { role: "supplementary", every: 60, outages: [down(25, -1, REORDERED, null)] }));
  of("gaps", "With gaps", domain("gaps", "www", { every: 60, outages: [gap(210, 180), gap(60, 40), down(62, 60)] }));
  of("silent", "No recent data", domain("silent", "www", { every: 60, outages: [gap(90, -1)] }));
  of("never", "Never checked", domain("never", "www", { outages: [gap(10000, -1)] }));
  of("mended", "Mended again", domain("mended", "www", { every: 60, days: 9, outages: [down(OUTAGE.from, OUTAGE.to)] }));
  // Ids that the page uses for other things.
  of("span-4h", "Borrowed ids", ...["span-4h", "valid-until", "stale", "www", "www-outages", "built"].map((id) => domain("span-4h", id, { days: 3, outages: [down(900, 880)] })));
  // Failures that further checks have to confirm: one now, one that was not confirmed, an outage that
  // changed its reason, and one whose end is not confirmed.
  of("doubtful", "In doubt", domain("doubtful", "www", { every: 60, confirm: 3, outages: [down(0, -1), down(40, 39), down(44, 43), timeout(90, 80), down(80, 60)] }),
    domain("doubtful", "api", { role: "supplementary", every: 60, confirm: 3, outages: [down(30, 0), down(50, 49)] }),
    domain("doubtful", "images", { role: "supplementary", every: 60, confirm: 3, outages: [down(2, 0)] }));
  return { title: "Ünïcode & <Status>", sites };
}

// A tick runs on these, so that what only a tick knows is shown too. base: the server of the endpoints.
// tls: the address of a server whose certificate, signed by the authority in this file, ends soon.
export function checked(base, { tls, authority } = {}) {
  const at = (id, path, more) => domain("x", id, { url: `${base}/${path}`, every: 60, ...more });

  return {
    alerts: [{ id: "ops", type: "webhook", url: `${base}/503` }],
    network: NETWORK,
    sites: [
      { id: "shop", name: "The shop", domains: [at("www", "200", { days: 9, outages: [down(300, 280), gap(50, 45)] }),
        at("images", "503", { role: "supplementary", outages: [down(6, -1)] })] },
      { id: "blog", name: "The blog", domains: [at("www", "404"), at("feed", "bot")] },
      { id: "docs", name: "The documents", domains: [at("www", "200"), at("slow", "hang", { timeout: 0.3 })] },
      ...(tls ? [{ id: "secure", name: "The safe", domains: [at("www", "", { url: `${tls}/ok`, keys: [`ca_file: ${JSON.stringify(authority)}`] })] }] : []),
    ],
  };
}

// One site of each state, with one domain each but for the first; two have a group.
function five() {
  const site = (id, name, outages, more) => ({ id, name, ...more, domains: [domain(id, "www", { every: 60, days: 3, ...BAD_DAYS, outages })] });
  const [shop, ...others] = [site("shop", "Shop", [down(210, 180), down(74, -1)], { group: "Customers" }),
    site("wiki", "Wiki", [bot(15, -1)], { group: "Customers" }), site("mail", "Mail", [timeout(5, -1)]),
    site("forge", "Forge", [gap(45, -1)]), site("blog", "Blog", [])];

  shop.domains.push(domain("shop", "images", { role: "supplementary", every: 60, outages: [down(30, -1, LONG_WORD, null)] }));
  return { sites: [shop, ...others] };
}

// One site of many domains, some of them down.
function crowd() {
  const domains = Array.from({ length: 30 }, (_, i) => domain("crowd", `part-${i + 1}`,
    { name: `Part ${i + 1} of the crowd`, role: i % 3 ? "core" : "supplementary", days: 1, outages: i % 7 === 3 ? [down(20 + i, -1)] : [] }));

  return { sites: [{ id: "crowd", name: "A crowd", domains }] };
}

// quick: included in `make browser QUICK=1`. past: also built as it was, an hour later. big: only some
// of its pages are tested.
export const PLANS = {
  one: { plan: () => many(1, { domains: 1 }) },
  "one-down": { plan: () => many(2, { half: true }) },
  five: { plan: five },
  crowd: { plan: crowd },
  thirty: { plan: () => many(30, { known: true, groups: 10 }) },
  "thirty-half": { plan: () => many(30, { half: true, known: true, groups: 10, network: NETWORK }), past: true },
  strange: { plan: strange, quick: true },
  "two-hundred-half": { plan: () => many(200, { half: true, domains: 1, known: true, groups: 50, days: 1 }), big: true },
  thousand: { plan: () => many(1000, { domains: 1, every: 600, days: 0.3 }), big: true },
  "thousand-half": { plan: () => many(1000, { half: true, domains: 1, every: 600, days: 0.3 }), big: true },
};

// The largest index pages, in bytes, and their compressed sizes.
export const SIZES = {
  "ten-up": { plan: () => many(10, { known: true, days: 1 }), raw: 60_000, compressed: 8_000 },
  "ten-half": { plan: () => many(10, { known: true, days: 1, half: true }), raw: 70_000, compressed: 8_000 },
  "two-hundred-up": { plan: () => many(200, { known: true, days: 1 }), raw: 1_100_000, compressed: 60_000 },
  "two-hundred-half": { plan: () => many(200, { known: true, days: 1, half: true }), raw: 1_250_000, compressed: 60_000 },
};
