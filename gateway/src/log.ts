/** Log lines, for people or for machines. Nothing that is secret is ever handed in. */
export type LogFields = Record<string, string | number | boolean | undefined>;
export type LogLevel = "info" | "warning" | "error";

export interface Log {
  /** `event` is one or two words that stay the same; `text` says it for people, who get the fields behind it. */
  (level: LogLevel, event: string, text: string, fields?: LogFields): void;
}

export interface LogOptions {
  json?: boolean;
  quiet?: boolean;
  write?: (line: string) => void;
  now?: () => Date;
}

/** What a peer sent may hold line ends and terminal sequences. */
const plain = (text: string): string =>
  text.replace(/[\p{Cc}\u2028\u2029]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

export function createLog({ json = false, quiet = false, ...options }: LogOptions = {}): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const now = options.now ?? (() => new Date());
  return (level, event, text, fields = {}) => {
    if (quiet && level === "info") return;
    const time = now().toISOString();
    if (json) {
      write(`${JSON.stringify({ time, level, event, text, ...fields })}\n`);
      return;
    }
    const known = Object.entries(fields).filter(([, value]) => value !== undefined);
    const tail = known.map(
      ([name, value]) =>
        `${name}=${typeof value === "string" && /[\s"=]|^$/.test(value) ? JSON.stringify(value) : value}`,
    );
    const mark = level === "info" ? "" : `${level}: `;
    write(`${time.slice(11, 23)} ${mark}${plain([text, ...tail].join("  "))}\n`);
  };
}
