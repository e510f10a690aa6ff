// What the pages promise the tests, in one place.

// All of the text is there without script but for these, which script alone can make.
export const SCRIPT_ONLY = ["#stale", "#filter", ".local"];
// These serve the one who looks at a screen, and need not be on paper.
export const SCREEN_ONLY = [...SCRIPT_ONLY, "nav"];
export const TIMELINE = ".timeline";
export const STALE = { notice: "#stale", root: "stale", says: "Not updated since" };
