// Scans pages with the MDN HTTP Observatory: scan.mjs HOST:PORT PATH…
// Prints grade and score of each, and fails unless each has an A+ of at least 130.
import { scan } from "@mdn/mdn-http-observatory";

const [host, ...paths] = process.argv.slice(2);
let failed = false;
for (const path of paths) {
  // The library puts what it is given after "https://", so that a path may follow the host.
  const { scan: result, tests } = await scan(`${host}${path}`);
  console.log(`${result.grade} ${result.score} ${path}`);
  if (result.grade !== "A+" || result.score < 130) {
    failed = true;
    for (const [name, test] of Object.entries(tests)) {
      if (!test.pass || test.scoreModifier < 0) { console.log(`  ${name}: ${test.result}`); }
    }
  }
}
process.exit(failed ? 1 : 0);
