// What the tests may assume about the pages, in one place.

// All text is there without script, except for these elements, which need it.
export const SCRIPT_ONLY = ["#stale", "#checked", ".find", "#tip"];
// These help readers at a screen, and may be missing on paper.
export const SCREEN_ONLY = [...SCRIPT_ONLY, "nav", "fieldset"];
// Of no use on paper.
export const NAVIGATION = "nav, fieldset, input, button:not(.counts *)";
export const TIMELINE = ".timeline";
export const STALE = { notice: "#stale", root: "stale", says: "Not updated for" };
export const BUCKET_CLASSES = ["up", "down", "bot", "degraded", "unknown", "maintenance"];

// The field that script adds, which shows only some sites.
export const FIND = "input[type=search]";
export const SWITCH = "fieldset input[type=radio]";

// Parts of the index.
export const INDEX = { head: ".board > .head", row: ".board tbody > tr", state: "td:nth-child(2)", reason: ".why", figure: "td:nth-child(4), td:nth-child(5)", spans: ["30d", "90d"], count: ".counts > li", problem: ".problems > li" };

// The words of dates, by language, without their dots.
export const MONTHS = [["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
  ["Jan", "Feb", "März", "Apr", "Mai", "Juni", "Juli", "Aug", "Sep", "Okt", "Nov", "Dez"]];
export const WEEKDAYS = [["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"], ["So", "Mo", "Di", "Mi", "Do", "Fr", "Sa"]];
