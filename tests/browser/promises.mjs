// What the tests may assume about the pages, in one place.

// All text is there without script, except for these elements, which need it.
export const SCRIPT_ONLY = ["#stale", "#filter", ".local"];
// These help readers at a screen, and may be missing on paper.
export const SCREEN_ONLY = [...SCRIPT_ONLY, "nav"];
export const TIMELINE = ".timeline";
export const STALE = { notice: "#stale", root: "stale", says: "Not updated since" };
