/** What stands before the delivery tag, for a consumer tag. */
function prefixOf(tag) {
  const text = Buffer.from(tag);
  const octets = Buffer.alloc(12 + text.length + 4);
  octets[0] = 1;
  octets.writeInt32BE(0x003c003c, 7);
  octets[11] = text.length;
  text.copy(octets, 12);
  const words = new Int32Array(octets.length >> 2);
  for (let i = 0; i < words.length; i++) words[i] = octets.readInt32LE(4 * i);
  return { words, octets: 12 + text.length };
}

/** A consumer that is delivered to again and again: its tag is encoded once. */
export class PreparedConsumer {
  deliveryTag = 0;
  redelivered = false;

  constructor({ channel, consumerTag }) {
    this.channel = channel;
    this.prefix = prefixOf(consumerTag);
  }
}
