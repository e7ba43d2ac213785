/** The steps from the protocol header to Open-Ok, as data: whose turn it is, and what may come (section 2.2.4). */
export type From = "client" | "upstream";
export type Step = "start" | "startOk" | "tune" | "secureOk" | "tuneOk" | "open" | "openOk" | "running";

interface Row {
  readonly from: From;
  readonly then: Readonly<Record<string, Step>>;
}

const rows: Readonly<Record<Exclude<Step, "running">, Row>> = {
  start: { from: "upstream", then: { "Connection.Start": "startOk" } },
  startOk: { from: "client", then: { "Connection.StartOk": "tune" } },
  tune: { from: "upstream", then: { "Connection.Secure": "secureOk", "Connection.Tune": "tuneOk" } },
  secureOk: { from: "client", then: { "Connection.SecureOk": "tune" } },
  tuneOk: { from: "client", then: { "Connection.TuneOk": "open" } },
  open: { from: "client", then: { "Connection.Open": "openOk" } },
  openOk: { from: "upstream", then: { "Connection.OpenOk": "running" } },
};

/** Methods of an open connection, by who may send them; a close may come at any time. */
const whileRunning: Readonly<Record<From, ReadonlySet<string>>> = {
  client: new Set(["Connection.UpdateSecret"]),
  upstream: new Set(["Connection.Blocked", "Connection.Unblocked", "Connection.UpdateSecretOk"]),
};

/** The step behind a method of channel 0; `undefined` where it may not come now. */
export function stepAfter(step: Step, from: From, name: string): Step | undefined {
  if (step === "running") return whileRunning[from].has(name) ? "running" : undefined;
  const row = rows[step];
  return row.from === from ? row.then[name] : undefined;
}

/** Whom the gateway waits for. */
export function waitingFor(step: Step): From | undefined {
  return step === "running" ? undefined : rows[step].from;
}
