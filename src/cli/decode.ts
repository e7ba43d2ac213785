import { once } from "node:events";
import { createReadStream, statSync } from "node:fs";
import type { Readable } from "node:stream";
import { DecodeError, FrameReader, type Frame } from "../index.js";
import { HexText } from "./hex.js";
import { detailsOf, jsonLine, textLine } from "./lines.js";
import { Progress } from "./progress.js";
import { Statistics } from "./statistics.js";

/** What the command line says. */
export interface DecodeCommand {
  readonly file: string;
  readonly hex: boolean;
  readonly json: boolean;
  readonly stats: boolean;
  readonly showSecrets: boolean;
  readonly frameMax: number;
}

const READ_OCTETS = 65536;

/** Decodes a file or standard input to standard output, and answers the exit code. Memory does not grow with the input. */
export async function decode(command: DecodeCommand): Promise<number> {
  let code = 0;
  const complain = (error: DecodeError): void => {
    code = 1;
    process.stderr.write(
      `amqp-wasm: wrong octets at offset ${error.offset}: ${reasonOf(error)}; reply code ${replyOf(error)}\n`,
    );
  };
  const statistics = new Statistics();
  let lines: string[] = [];
  const wrong: DecodeError[] = [];
  const onFrame = (frame: Frame, offset: number, octets: number): void => {
    const details = detailsOf(frame, command.showSecrets, (error) => wrong.push(error));
    if (command.stats) {
      statistics.add(frame, octets);
      return;
    }
    lines.push(command.json ? jsonLine(frame, offset, octets, details) : textLine(frame, offset, details));
  };
  const reader = new FrameReader({ frameMax: command.frameMax, onFrame });
  const write = async (text: string): Promise<void> => {
    if (text !== "" && !process.stdout.write(text)) await once(process.stdout, "drain");
  };

  let input: Readable;
  let size: number;
  try {
    size = command.file === "-" ? 0 : statSync(command.file).size;
    input = command.file === "-" ? process.stdin : createReadStream(command.file, { highWaterMark: READ_OCTETS });
  } catch (error) {
    return unreadable(error as Error);
  }
  const progress = new Progress(size);
  const hex = command.hex ? new HexText() : undefined;
  let read = 0;
  try {
    for await (const piece of input as AsyncIterable<Uint8Array>) {
      read += piece.length;
      const failure = push(reader, hex === undefined ? piece : hex.push(piece));
      await write(lines.join(""));
      lines = [];
      progress.at(read);
      wrong.splice(0).forEach(complain);
      if (failure !== undefined) {
        progress.end();
        if (command.stats) await write(command.json ? statistics.json() : statistics.table());
        complain(failure);
        return 1;
      }
    }
    hex?.end();
  } catch (error) {
    progress.end();
    return unreadable(error as Error);
  }
  progress.end();
  if (command.stats) await write(command.json ? statistics.json() : statistics.table());
  if (reader.octetsPending > 0) {
    const start = reader.octetsRead - reader.octetsPending;
    process.stderr.write(
      `amqp-wasm: the input ends within a frame: ${reader.octetsPending} octets of it are there, from offset ${start} on\n`,
    );
  }
  return code;
}

/** Has the reader take a piece; what it finds goes to `onFrame`. */
function push(reader: FrameReader, octets: Uint8Array): DecodeError | undefined {
  try {
    reader.push(octets);
    return reader.error;
  } catch (error) {
    if (error instanceof DecodeError) return error;
    throw error;
  }
}

/** The reason without the offset that its message ends with. */
function reasonOf(error: DecodeError): string {
  return error.message.replace(/ \(at offset \d+\)$/, "");
}

function replyOf(error: DecodeError): string {
  return `${error.replyCode} (${error.replyText.slice(0, error.replyText.indexOf(" - "))})`;
}

function unreadable(error: Error): number {
  process.stderr.write(`amqp-wasm: ${error.message}\n`);
  return 2;
}
