// Sums up vitest's reports. In the first, the tests that need a broker or an oracle may be skipped: the later ones run them, and there a skip is a failure.
import { existsSync, readFileSync } from "node:fs";

let passed = 0;
let failed = 0;
process.argv.slice(2).forEach((file, i) => {
  if (!existsSync(file)) {
    console.error(`no report: ${file}`);
    failed += 1;
    return;
  }
  const before = failed;
  const report = JSON.parse(readFileSync(file, "utf8"));
  const skipped = report.numPendingTests + report.numTodoTests;
  passed += report.numPassedTests;
  failed += report.numFailedTests;
  // A file that could not be loaded has no tests to fail.
  for (const { name, status, assertionResults } of report.testResults) {
    if (status === "failed" && assertionResults.every((result) => result.status !== "failed")) {
      console.error(`could not be run: ${name}`);
      failed += 1;
    }
    for (const { fullName, status } of assertionResults) {
      if (status !== "passed" && status !== "failed" && i > 0) console.error(`skipped: ${fullName}`);
    }
  }
  if (i > 0) failed += skipped;
  if (report.numTotalTests === 0) failed += 1;
  // Too little coverage, or an error outside of any test.
  if (failed === before && existsSync(`${file}.failed`)) {
    console.error(`all tests passed, but the run failed: ${file}`);
    failed += 1;
  }
});
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
