/** Where the embedded broker decides otherwise than RabbitMQ 3.10, by the name of the test, and why. */
interface Difference {
  readonly test: string;
  /** What the embedded broker does. */
  readonly embedded: string;
  readonly why: string;
}

export const differences: readonly Difference[] = [
  {
    test: "flow off",
    embedded: "Channel.FlowOk",
    why: "the standard lets a client stop its deliveries (section 1.5.2.3), and it costs nothing to do so",
  },
];

/** What the embedded broker does in this test, where that is not what RabbitMQ does. */
export function differenceOf(test: string): string | undefined {
  return differences.find((difference) => difference.test === test)?.embedded;
}
