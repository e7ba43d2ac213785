/** Measures one row in the engine that runs this, be it Node or a browser. */
import { load } from "./load.js";
import { settings } from "./measure.js";

/** The row's result, with what of the candidates was absent altogether. */
export async function runRow(row, { quick = false, long = false, only } = {}) {
  const { candidates, absent } = await load(only === undefined ? undefined : new RegExp(only));
  const { run } = await import(`./kinds/${row.kind}.js`);
  return {
    name: row.name,
    kind: row.kind,
    ...(await run(row, candidates, { quick, how: settings({ quick, long }) })),
    absent,
  };
}
