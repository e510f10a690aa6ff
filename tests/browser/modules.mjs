// What npm installed, in the build folder that make names; nothing of it lies beside these files.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.env.BROWSER_MODULES}/`);

export const { chromium } = require("playwright-core");
export const { HtmlValidate, StaticConfigLoader } = require("html-validate");
export const axeSource = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

// Takes a second to load, so that only those load it who need it.
export async function loadLighthouse() {
  return (await import(pathToFileURL(require.resolve("lighthouse")))).default;
}
