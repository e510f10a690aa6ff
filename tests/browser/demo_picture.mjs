// The picture in the README: demo_picture.mjs FOLDER FILE takes it of the index page that the demo
// has built in FOLDER. The browser's clock is that of the build, so the page is not out of date.
import { address, Reader } from "./browser.mjs";
import { Dashboard } from "./dashboards.mjs";

const SIZE = { width: 1280, height: 800 };

const [folder, file] = process.argv.slice(2);
const dashboard = new Dashboard("demo", folder);
const reader = await new Reader().open();

try {
  const page = await reader.fresh({ viewport: SIZE, colorScheme: "light" });

  await page.clock.setFixedTime(Date.parse(dashboard.status.generated_at) + 5000);
  await page.goto(address(dashboard, "index.html"));
  // The window becomes as high as the page, because Chromium may not draw what is off screen.
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...SIZE, height });
  await page.screenshot({ path: file });
} finally {
  await reader.close();
}
