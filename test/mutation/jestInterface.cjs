// What our tests use of jest, as an interface of mocha: Stryker runs mocha's tests in the process that has loaded them, which takes a
// hundredth of the time that it takes to start jest for every mutant.
const { format } = require("node:util");
const { expect } = require("expect");
const Mocha = require("mocha");

require("tsx/cjs");

Mocha.interfaces.jest = function (suite) {
  Mocha.interfaces.bdd(suite);
  suite.on("pre-require", (context) => {
    const { describe, it, before, after } = context;
    // A body with parameters would be given a callback by mocha.
    const test = (title, body, timeout = 60_000) => it(title, () => body()).timeout(timeout);
    Object.assign(context, {
      expect,
      test: Object.assign(test, { each: eachOf(test) }),
      describe: Object.assign(describe, { each: eachOf(describe) }),
      beforeAll: (body) => before(() => body()),
      afterAll: (body) => after(() => body()),
      jest: { setTimeout: () => undefined },
    });
  });
};

/** Tables of rows, or of single values. */
function eachOf(define) {
  return (rows) => (title, body, timeout) =>
    rows.forEach((row, index) => {
      const values = Array.isArray(row) ? row : [row];
      // Stryker knows tests by their titles.
      define(`${format(title, ...values)} [${index}]`, () => body(...values), timeout);
    });
}
