/** What the rivals made, as the corpus describes it. */

const fields = {
  deliver: ["consumerTag", "deliveryTag", "redelivered", "exchange", "routingKey"],
  publish: ["exchange", "routingKey", "mandatory", "immediate"],
  ack: ["deliveryTag", "multiple"],
};

const plain = (value) => (value instanceof Date ? value.getTime() / 1000 : value);

/** Takes methods, properties and bodies in the order of their frames; `found` has the messages. */
export class Described {
  found = [];

  method(method, values) {
    this.found.push({ method, fields: Object.fromEntries(fields[method].map((name) => [name, values[name]])) });
  }

  properties(values) {
    const present = Object.entries(values).filter(([, value]) => value !== undefined);
    const properties = Object.fromEntries(present.map(([name, value]) => [name, plain(value)]));
    Object.assign(this.found.at(-1), { properties, body: new Uint8Array(0) });
  }

  body(octets) {
    const last = this.found.at(-1);
    last.body = Buffer.concat([last.body, octets]);
  }
}
