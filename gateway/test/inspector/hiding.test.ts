/** What no page may see. */
import {
  Channel,
  Connection,
  ContentBody,
  ContentHeader,
  DecodeError,
  marshal,
  unmarshal,
  type Frame,
} from "amqp-wasm";
import { describe, expect, test } from "vitest";
import { encodeBatch } from "../../src/inspector/batch.js";
import { shownFrame, withoutSecrets } from "../../src/inspector/hiding.js";
import { PAGE_PRODUCT } from "../../src/inspector/messages.js";
import { connection, text, told } from "./told.js";

describe("hiding", () => {
  const startOk = (password: string, clientProperties: { [name: string]: string } = { product: "x" }): Uint8Array =>
    marshal(
      new Connection.StartOk({
        clientProperties,
        mechanism: "PLAIN",
        response: `\0user\0${password}`,
        locale: "en_US",
      }),
      0,
    );

  test.each([
    ["StartOk", startOk("pass-phrase"), "response"],
    ["Secure", marshal(new Connection.Secure({ challenge: "pass-phrase" }), 0), "challenge"],
    ["SecureOk", marshal(new Connection.SecureOk({ response: "pass-phrase" }), 0), "response"],
    [
      "UpdateSecret",
      marshal(new Connection.UpdateSecret({ newSecret: "pass-phrase", reason: "because" }), 0),
      "newSecret",
    ],
  ])("the secret of %s is taken out, its length too, and the frame is still one", (_, octets, name) => {
    const shown = withoutSecrets(octets);
    expect(Buffer.from(shown).includes("pass-phrase")).toBe(false);
    const frame = unmarshal(shown)!.frame as Frame & Record<string, unknown>;
    expect(frame[name]).toBe("[hidden]");
    const before = unmarshal(octets)!.frame as Frame & Record<string, unknown>;
    expect({ ...frame.toJSON(), [name]: "" }).toEqual({ ...before.toJSON(), [name]: "" });
  });

  test("passwords of all lengths look the same", () => {
    expect(withoutSecrets(startOk("a"))).toEqual(withoutSecrets(startOk("a".repeat(300))));
  });

  test("of a frame that cannot be read nothing but its name is left", () => {
    const octets = startOk("pass-phrase");
    for (let length = 11; length < octets.length; length++) {
      expect(Buffer.from(withoutSecrets(octets.subarray(0, length))).includes("pass-phrase")).toBe(false);
    }
  });

  test("the key of a page is taken out", () => {
    const key = "0123456789abcdef0123456789abcdef";
    const shown = withoutSecrets(startOk("x", { product: PAGE_PRODUCT, version: key }));
    expect(Buffer.from(shown).includes(key)).toBe(false);
    expect((unmarshal(shown)!.frame as Connection.StartOk).clientProperties).toEqual({
      product: PAGE_PRODUCT,
      version: "*".repeat(32),
    });
  });

  test("other frames are left as they are", () => {
    const octets = marshal(new Channel.Open(), 1);
    expect(withoutSecrets(octets)).toBe(octets);
  });

  test("bodies are shown to the page whose own they are, to others where --show-bodies says so", () => {
    const octets = marshal(new ContentBody(text("body")), 1);
    const frame = told(octets, { connection: connection(1, `${PAGE_PRODUCT} k1`) });
    expect(shownFrame(frame, "k2", false)).toMatchObject({ hidden: true, octets: octets.subarray(0, 7), size: 12 });
    expect(shownFrame(frame, "k1", false)).toMatchObject({ hidden: false, octets });
    expect(shownFrame(frame, "k2", true)).toMatchObject({ hidden: false, octets });
    // Nothing of it travels.
    expect(Buffer.from(encodeBatch([shownFrame(frame, "k2", false)])).includes("body")).toBe(false);
    const header = told(marshal(new ContentHeader({ bodySize: 4 }), 1));
    expect(shownFrame(header, "k2", false).hidden).toBe(false);
  });

  test("a refused frame has its error", () => {
    const error = new DecodeError({ code: "frame-end", message: "no frame-end", replyCode: 501, offset: 9 });
    expect(shownFrame(told(text("x"), { error }), "k", false).error).toEqual({
      code: "frame-end",
      message: error.message,
      replyCode: 501,
    });
  });
});
