// What the pages promise the tests, in one place.

// All of the text is there without script but for these, which script alone can make.
export const SCRIPT_ONLY = ["[data-script]", "#stale"];
// These serve the one who looks at a screen, and need not be on paper.
export const SCREEN_ONLY = [...SCRIPT_ONLY, "[data-screen]"];
export const TIMELINE = ".timeline";
export const STALE = { notice: "#stale", root: "stale", says: "No news since" };
export const SEVERITY = ["down", "degraded", "unknown", "up"];
