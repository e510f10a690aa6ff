// The modules that npm installed in the build folder; nothing is installed next to these files.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.BROWSER_MODULES}/`);

export const { chromium } = require("playwright-core");
export const { HtmlValidate, StaticConfigLoader } = require("html-validate");
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// It takes a second to load, so only tests that need it load it.
export async function loadLighthouse() {
  return (await import(pathToFileURL(require.resolve("lighthouse")))).default;
}
