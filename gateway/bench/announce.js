// How a relay tells the runner where it listens, and ends with it.
export function announce(port) {
  process.send?.({ port });
  process.on("disconnect", () => process.exit());
}
