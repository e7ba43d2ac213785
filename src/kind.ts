/** What a value is, in words, for messages. Total: values from outside may be anything, and their own methods are never called. */
export function kind(value: unknown): string {
  switch (typeof value) {
    case "number":
    case "bigint":
      return `${typeof value} ${value}`;
    case "object": {
      if (value === null) return "null";
      try {
        const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } } | null;
        const name = prototype?.constructor?.name;
        return typeof name === "string" && name !== "" ? name : "object";
      } catch {
        return "object";
      }
    }
    default:
      return typeof value;
  }
}
