/** Rows in an engine, one after the other. */

function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

/** `{ engine, title, rows, failed, absent }`; each row's result is handed to `print` as soon as it is there. A row that fails is told of on stderr and does not stop the others. */
export async function measureRows(engine, chosen, { quick = false, only } = {}, print = () => {}) {
  const rows = [];
  const failed = [];
  const able = chosen.filter((row) => engine.can(row));
  try {
    for (const [i, row] of able.entries()) {
      progress(`${engine.title}, ${i + 1} of ${able.length}: ${row.name}`);
      try {
        const result = await engine.run(row, { quick, only });
        progress("");
        rows.push(result);
        print(result);
      } catch (error) {
        progress("");
        failed.push({ name: row.name, reason: error.message });
        console.error(`${row.name}\n  failed: ${error.message}\n`);
      }
    }
  } finally {
    await engine.close();
  }
  const absent = new Map(rows.flatMap((row) => row.absent.map(({ name, reason }) => [name, reason])));
  return { engine: engine.id, title: engine.title, rows, failed, absent: Object.fromEntries(absent) };
}
