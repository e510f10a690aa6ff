// The dashboards of the tests: their sites, and the outages of these.

const domain = (site, id, more = {}) => ({ id, name: more.name ?? id, url: `https://${id.slice(0, 63)}.${site.slice(0, 63)}.example/health`, ...more });

const down = (from, to, text = "http_status: expected 200, got 503", http = 503) =>
  ({ from, to, status: "DOWN", text, http });
const timeout = (from, to) =>
  ({ from, to, status: "TIMEOUT", text: "timeout: 20 s passed waiting for the first byte" });
const bot = (from, to) =>
  ({ from, to, status: "BOT_DETECTED", text: 'bot: the page says "Checking your browser"', http: 200 });
const gap = (from, to) => ({ from, to, status: null });

// Sites with one or three domains each; with half, every second one is down.
function many(count, { half = false, domains = 3, every = 300, days = 2 } = {}) {
  return {
    sites: Array.from({ length: count }, (_, i) => {
      const id = `site-${String(i + 1).padStart(4, "0")}`;
      const bad = half && i % 2 === 1;
      const outages = bad ? [down(190 - (i % 60), 120), down(37 + (i % 20), -1)] : [];
      const all = [domain(id, "www", { outages }), domain(id, "api"),
        domain(id, "images", { role: "supplementary", outages: half && i % 4 === 3 ? [timeout(80, 60)] : [] })];

      return { id, name: `Site ${i + 1}`, domains: all.slice(0, domains).map((one) => ({ ...one, every, days })) };
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
  // Failures that further checks have to confirm: one now, one that was not confirmed, an outage that
  // changed its reason, and one whose end is not confirmed.
  of("doubtful", "In doubt", domain("doubtful", "www", { every: 60, confirm: 3, outages: [down(0, -1), down(40, 39), down(44, 43), timeout(90, 80), down(80, 60)] }),
    domain("doubtful", "api", { role: "supplementary", every: 60, confirm: 3, outages: [down(30, 0), down(50, 49)] }),
    domain("doubtful", "images", { role: "supplementary", every: 60, confirm: 3, outages: [down(2, 0)] }));
  return { title: "Ünïcode & <Status>", sites };
}

// A tick runs on these, so that what only a tick knows is shown too. base: the server of the endpoints.
export function checked(base) {
  const at = (id, path, more) => domain("x", id, { url: `${base}/${path}`, every: 60, ...more });

  return {
    alerts: [{ id: "ops", type: "webhook", url: `${base}/503` }],
    sites: [
      { id: "shop", name: "The shop", domains: [at("www", "200", { days: 9, outages: [down(300, 280), gap(50, 45)] }),
        at("images", "503", { role: "supplementary", outages: [down(6, -1)] })] },
      { id: "blog", name: "The blog", domains: [at("www", "404"), at("feed", "bot")] },
      { id: "docs", name: "The documents", domains: [at("www", "200"), at("slow", "hang", { timeout: 0.3 })] },
    ],
  };
}

// quick: included in `make check`.
export const PLANS = {
  one: { plan: () => many(1) },
  "one-down": { plan: () => many(2, { half: true }) },
  thirty: { plan: () => many(30) },
  "thirty-half": { plan: () => many(30, { half: true }) },
  strange: { plan: strange, quick: true },
  thousand: { plan: () => many(1000, { domains: 1, every: 600, days: 0.3 }), big: true },
  "thousand-half": { plan: () => many(1000, { half: true, domains: 1, every: 600, days: 0.3 }), big: true },
};

export const SIZES = {
  "ten-up": { plan: () => many(10, { days: 1 }), raw: 60_000, compressed: 8_000 },
  // 240 spans of 22 bytes, `<span class=up></span>`, are already 1,056,000 bytes. These sites are new,
  // so each of their uptimes has words in place of a figure: 12 kB more.
  "two-hundred-up": { plan: () => many(200, { days: 0.25 }), raw: 1_112_000, compressed: 60_000 },
};
