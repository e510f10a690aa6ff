// Pictures of the dashboards, for people to look at.
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { address } from "./browser.mjs";

const LOOKS = [1280, 390, 1680].flatMap((width) => ["light", "dark"].map((colorScheme) => ({ width, colorScheme })));
const MAX_HEIGHT = 3000;

async function take(reader, folder, dashboard, name, { width, colorScheme }) {
  const page = await reader.fresh({ viewport: { width, height: 900 }, colorScheme });
  const what = name.replace(/^site\//, "").replace(/\.html$/, "");

  try {
    await page.clock.setFixedTime(dashboard.at + 5000);
    await page.goto(address(dashboard, name));
    // Parts outside the window may not be drawn, so the window is as high as the picture.
    const height = Math.min(MAX_HEIGHT, await page.evaluate(() => document.documentElement.scrollHeight));
    await page.setViewportSize({ width, height });
    await page.screenshot({ path: join(folder, `${dashboard.name}-${what}-${width}-${colorScheme}.png`) });
  } finally {
    await page.context().close();
  }
}

export function addScreenshots(suite, { reader, pages, folder, all }) {
  mkdirSync(folder, { recursive: true });
  for (const { dashboard, page, label } of pages)
    suite.add(`pictures are taken: ${label}`, async () => {
      for (const look of all ? LOOKS : LOOKS.slice(1, 3)) await take(reader, folder, dashboard, page, look);
    });
}
