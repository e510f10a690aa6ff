// The pictures of the README: demo_pictures.mjs FOLDER INTO takes them of the pages that the demo has
// built in FOLDER. The pages show a fixed moment, so the pictures change only with the program.
import { join } from "node:path";

import { address, Reader } from "./browser.mjs";
import { Dashboard } from "./dashboards.mjs";

// The name of each picture, its page, and the element before which it ends.
const PICTURES = [
  { name: "demo", path: "index.html", end: ".latest", colorScheme: "light" },
  { name: "demo-dark", path: "index.html", end: ".latest", colorScheme: "dark" },
  { name: "demo-site", path: "site/shop.html", end: ".domain + .domain", colorScheme: "light" },
];
const WIDTH = 1280, MAX_HEIGHT = 1100;

const [folder, into] = process.argv.slice(2);
const dashboard = new Dashboard("demo", folder);
const reader = await new Reader().open();

try {
  for (const { name, path, end, colorScheme } of PICTURES) {
    const page = await reader.fresh({ viewport: { width: WIDTH, height: MAX_HEIGHT }, colorScheme });

    await page.goto(address(dashboard, path));
    // Chromium may not draw what is off screen, so the window becomes as high as the picture.
    const height = await page.evaluate(
      ({ end, max }) => Math.min(max, document.querySelector(end).getBoundingClientRect().top),
      { end, max: MAX_HEIGHT });
    await page.setViewportSize({ width: WIDTH, height: Math.floor(height) });
    await page.screenshot({ path: join(into, `${name}.png`) });
  }
} finally {
  await reader.close();
}
