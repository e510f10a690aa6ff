// The contrast of the colours in the style sheet, as the browser computes them.
import { assertNone } from "./suite.mjs";

const MIN_TEXT = 5.7, MIN_BAR = 3; // WCAG 2.2 wants 4.5 and 3

function contrasts(page) {
  return page.evaluate(([minText, minBar]) => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const look = getComputedStyle(document.documentElement);
    const names = [...document.styleSheets[0].cssRules].find(({ selectorText }) => selectorText === ":root").style;
    const light = (name) => {
      canvas.fillStyle = look.getPropertyValue(name);
      canvas.fillRect(0, 0, 1, 1);
      const [red, green, blue] = [...canvas.getImageData(0, 0, 1, 1).data].map((byte) => byte / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const all = [...names].filter((name) => name.startsWith("--"));
    const grounds = all.filter((name) => /^--(ground|raised|hover|.*-tint)$/.test(name));
    const low = [];
    const compare = (name, ground, min) => {
      const [dark, bright] = [light(name), light(ground)].sort((a, b) => a - b), contrast = (bright + 0.05) / (dark + 0.05);
      if (contrast < min) low.push(`${name} on ${ground}: ${contrast.toFixed(2)}`);
    };

    for (const name of all.filter((one) => /^--(text|muted|.*-text)$/.test(one)))
      for (const ground of grounds) compare(name, ground, minText);
    for (const name of all.filter((one) => /^--(edge|up|down|degraded|bot|maintenance|unknown)$/.test(one)))
      for (const ground of ["--ground", "--hover"]) compare(name, ground, minBar);
    return low;
  }, [MIN_TEXT, MIN_BAR]);
}

export function addColours(suite, { reader, dashboard, served }) {
  for (const way of ["light", "dark"])
    suite.add(`colours have contrast: ${way}`, () =>
      reader.visit(dashboard, "index.html", { way, from: served.get(dashboard) }, async (page) => assertNone(await contrasts(page), "low contrasts")));
}
