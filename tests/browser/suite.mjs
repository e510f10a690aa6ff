// Named tests, some at the same time. A test is a sentence of fact and a function that throws if it
// is wrong. Passed tests are counted, failed ones are printed.
import assert from "node:assert/strict";

export { assert };

// Far more than any test needs. What hangs fails by its name, before the whole run is stopped from outside.
const MAX_TEST_MS = 300_000;

function within(limit, work) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not ended after ${limit / 1000} s`)), limit);
  });

  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export class Suite {
  #tests = [];
  #figures = [];

  // alone: tests that measure time run last, with the machine for themselves.
  add(name, run, { alone = false } = {}) {
    this.#tests.push({ name, run, alone });
  }

  // Figures are printed at the end, whether tests pass or not.
  figure(text) {
    this.#figures.push(text);
  }

  // Returns the number of failed tests. only: a text that names must contain.
  async run({ atOnce, only, verbose }) {
    const wanted = this.#tests.filter(({ name }) => !only || name.includes(only));
    const failed = [];
    const runOne = async (test) => {
      const start = Date.now();
      try {
        await within(MAX_TEST_MS, test.run());
      } catch (error) {
        failed.push(test.name);
        console.log(`browser: failed: ${test.name}\n${indent(error)}`);
      }
      if (verbose) console.log(`${String(Date.now() - start).padStart(6)} ms  ${test.name}`);
    };
    const together = wanted.filter(({ alone }) => !alone);
    const line = async () => {
      for (let test; (test = together.shift()); ) await runOne(test);
    };

    await Promise.all(Array.from({ length: atOnce }, line));
    for (const test of wanted.filter(({ alone }) => alone)) await runOne(test);
    for (const text of this.#figures) console.log(`browser: ${text}`);
    console.log(`browser: passed ${wanted.length - failed.length}, failed ${failed.length}`);
    return failed.length;
  }
}

function indent(error) {
  const text = error instanceof assert.AssertionError ? error.message : error.stack ?? String(error);

  return text.split("\n").slice(0, 20).map((line) => `    ${line.slice(0, 400)}`).join("\n");
}

// Fails if the list is not empty, and shows its beginning.
export function assertNone(list, what) {
  assert.equal(list.length, 0, `${list.length} ${what}:\n${list.slice(0, 8).join("\n")}`);
}
