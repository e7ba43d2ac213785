/** The embedded broker: AMQP 0-9-1 in memory, for tests and demonstrations. It keeps nothing; production runs on RabbitMQ or LavinMQ. */
export { Broker } from "./broker.js";
export type { Clock, Timer } from "./clock.js";
export type { BrokerLimits, BrokerOptions } from "./limits.js";
export { startBroker, type RunningBroker, type StartOptions } from "./listener.js";
export type { BrokerEnd, Peer } from "./peer.js";
