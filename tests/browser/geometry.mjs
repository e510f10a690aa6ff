// Measures what is on the screen. Each function returns faults as sentences.
import { INDEX, TIMELINE } from "./promises.mjs";

// The innermost elements that extend beyond the right edge of the page; empty if everything fits.
export function sticksOut(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;

    if (document.scrollingElement.scrollWidth <= width) return [];
    const out = [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > width + 0.5);
    const inner = out.filter((one) => ![...one.children].some((child) => out.includes(child)));
    return [`${document.scrollingElement.scrollWidth} px of ${width}`,
      ...inner.map((one) => `<${one.localName} class="${one.className}"> ${one.textContent.slice(0, 60)}`)];
  });
}

// Texts that are drawn over each other, or cut. Hidden texts, of which nothing is drawn, do not count. A
// long text, such as a name or a reason, may end with an ellipsis; a figure may not.
export function badTexts(page) {
  return page.evaluate(() => {
    const LONG = 24;
    const parts = [];
    const faults = [];
    const seen = (rect, element) => {
      let { left, top, right, bottom } = rect;
      let isCut = false, hasEllipsis = false;
      for (let outer = element; outer && outer !== document.body; outer = outer.parentElement) {
        const look = getComputedStyle(outer);
        if (look.position === "fixed") break;
        if (look.display === "inline" || look.display === "contents") continue;
        if (/inset\((50|100)%\)/.test(look.clipPath) || look.clip === "rect(0px, 0px, 0px, 0px)") return { shown: false };
        const clips = [look.overflowX, look.overflowY].map((value) => value !== "visible");
        if (!clips[0] && !clips[1]) continue;
        const box = outer.getBoundingClientRect();
        const cutX = clips[0] && (left < box.left - 1 || right > box.right + 1);
        const cutY = clips[1] && (top < box.top - 3 || bottom > box.bottom + 3);
        if (cutX || cutY) isCut = true;
        if (cutX && look.textOverflow === "ellipsis") hasEllipsis = true;
        left = Math.max(left, box.left); right = Math.min(right, box.right);
        top = Math.max(top, box.top); bottom = Math.min(bottom, box.bottom);
      }
      return { left, top, right, bottom, isCut, hasEllipsis, shown: right - left > 2 && bottom - top > 2 };
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);

    for (let node; (node = walker.nextNode()); ) {
      const element = node.parentElement;
      const text = node.textContent.replace(/\s+/g, " ").trim();
      if (!text || element.closest("script, style, noscript") || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of element.closest("svg") ? [element.getBoundingClientRect()] : range.getClientRects()) {
        if (rect.width < 1) continue;
        const visible = seen(rect, element);
        if (!visible.shown) continue;
        if (visible.isCut && !(visible.hasEllipsis && text.length > LONG)) faults.push(`cut: <${element.localName} class="${element.getAttribute("class") ?? ""}"> ${text.slice(0, 60)}`);
        parts.push({ ...visible, text, node });
      }
    }
    parts.sort((a, b) => a.top - b.top);
    parts.forEach((one, i) => {
      for (let j = i + 1; j < parts.length && parts[j].top < one.bottom; j++) {
        const other = parts[j];
        if (other.node === one.node) continue; // its lines, also those that an ellipsis replaces
        const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const high = Math.min(one.bottom, other.bottom) - other.top;
        if (wide > 1 && high > 0.4 * Math.min(one.bottom - one.top, other.bottom - other.top)) faults.push(`"${one.text.slice(0, 40)}" and "${other.text.slice(0, 40)}" are on top of each other`);
      }
    });
    return [...new Set(faults)];
  });
}

// Timelines whose bars are not all the same whole number of pixels apart and wide.
export function badBars(page) {
  return page.evaluate((timeline) => [...document.querySelectorAll(timeline)].flatMap((one, i) => {
    const boxes = [...one.children].filter(({ localName }) => localName === "span").map((bar) => bar.getBoundingClientRect());
    const shown = boxes.filter(({ width }) => width > 0);
    if (shown.length < 2) return [];
    const distances = new Set(shown.slice(1).map(({ left }, k) => Math.round(1000 * (left - shown[k].left)) / 1000));
    const widths = new Set(shown.map(({ width }) => Math.round(1000 * width) / 1000));
    const even = (values) => values.size === 1 && Number.isInteger([...values][0]);
    return even(distances) && even(widths) ? [] : [`timeline ${i}: bars are ${[...distances].slice(0, 4)} px apart and ${[...widths].slice(0, 4)} px wide`];
  }), TIMELINE);
}

// Sites whose name has no room.
export function squeezedNames(page) {
  return page.evaluate((row) => [...document.querySelectorAll(row)].filter((one) => one.checkVisibility()).map((one) => one.querySelector("a"))
    .filter((name) => name.getBoundingClientRect().width < Math.min(100, name.scrollWidth) - 1)
    .map((name) => `${Math.round(name.getBoundingClientRect().width)} px for ${name.textContent.slice(0, 60)}`), INDEX.row);
}

// Rows of the index that are higher than this.
export function highRows(page, max) {
  return page.evaluate(([row, max]) => [...document.querySelectorAll(row)].map((one) => [one.getBoundingClientRect().height, one.textContent.trim().slice(0, 60)])
    .filter(([height]) => height > max).map(([height, text]) => `${height} px: ${text}`), [INDEX.row, max]);
}

// How much of the window stays covered when the page is scrolled, as a part of its height.
export function coveredPart(page) {
  return page.evaluate(() => {
    const boxes = [...document.querySelectorAll("body *")].filter((one) => ["sticky", "fixed"].includes(getComputedStyle(one).position) && one.checkVisibility())
      .map((one) => one.getBoundingClientRect()).filter(({ top, bottom, width }) => top < 2 && bottom > 0 && width > innerWidth / 3);
    return Math.max(0, ...boxes.map(({ bottom }) => bottom)) / innerHeight;
  });
}

// Texts of drawings whose colour is too close to that of the page; axe looks at other texts.
export function faintLabels(page) {
  return page.evaluate(() => {
    const parse = (colour) => colour.match(/[\d.]+/g).slice(0, 3).map((part) => part / 255);
    const light = (colour) => parse(colour).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    const groundOf = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const ground = getComputedStyle(one).backgroundColor;
        if (!/, 0\)$|transparent/.test(ground)) return ground;
      }
      return getComputedStyle(document.documentElement).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18,18,18)" : "rgb(255,255,255)";
    };

    return [...document.querySelectorAll("svg text")].filter((one) => one.checkVisibility() && one.textContent.trim()).flatMap((text) => {
      const [a, b] = [light(getComputedStyle(text).fill), light(groundOf(text))].sort((one, other) => other - one);
      const contrast = (a + 0.05) / (b + 0.05);
      return contrast >= 4.5 ? [] : [`${contrast.toFixed(2)}: ${text.textContent}`];
    });
  });
}
