/** Certificates of our own making, for a test that lasts as long. Needs the program openssl. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

export interface Certificates {
  folder: string;
  /** Paths of PEM files. */
  path: (name: "ca.pem" | "server.pem" | "server.key" | "client.pem" | "client.key") => string;
  read: (name: "ca.pem" | "server.pem" | "server.key" | "client.pem" | "client.key") => string;
}

/** An authority, a server called `broker.test`, and a client. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "amqp-gateway-"));
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: folder, stdio: "ignore" });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...key, "-keyout", "ca.key", "-out", "ca.pem", "-days", "2", "-subj", "/CN=test authority");
  for (const [name, subject] of [
    ["server", "broker.test"],
    ["client", "gateway"],
  ] as const) {
    writeFileSync(join(folder, `${name}.ext`), `subjectAltName=DNS:${subject}\n`);
    openssl("req", ...key, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${subject}`);
    const by = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", `${name}.ext`];
    openssl("x509", "-req", "-in", `${name}.csr`, "-out", `${name}.pem`, ...by);
  }
  return { folder, path: (name) => join(folder, name), read: (name) => readFileSync(join(folder, name), "utf8") };
}
