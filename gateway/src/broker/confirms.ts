import { Basic, type Frame } from "amqp-wasm";

/**
 * Publisher confirms of one channel. The broker decides on a message at once, so the tags come in order; they are told at the end of the turn, those that
 * follow each other with one `Basic.Ack`.
 */
export class Confirms {
  #last = 0;
  #told = 0;

  /** Decides on the next message. What a refusal needs to have told is sent through `send`. */
  next(accepted: boolean, send: (frame: Frame) => void): void {
    if (!accepted) this.tell(send);
    this.#last += 1;
    if (accepted) return;
    send(new Basic.Nack({ deliveryTag: this.#last, multiple: false, requeue: false }));
    this.#told = this.#last;
  }

  get hasNews(): boolean {
    return this.#told < this.#last;
  }

  /** Confirms what was accepted since the last time. */
  tell(send: (frame: Frame) => void): void {
    if (!this.hasNews) return;
    send(new Basic.Ack({ deliveryTag: this.#last, multiple: this.#last - this.#told > 1 }));
    this.#told = this.#last;
  }
}
