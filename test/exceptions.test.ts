/** The 18 errors of the standard, and our own. */
import { describe, expect, test } from "vitest";
import { constants, conventions, replyCodes } from "../spec/amqp.js";
import * as library from "../src/index.js";
import {
  DecodeError,
  EncodeError,
  exceptionFor,
  exceptions,
  HardError,
  REPLY_CODES,
  ReplyError,
  SoftError,
  ValidationError,
} from "../src/index.js";

const pascal = (name: string): string => name.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
const upper = (name: string): string => name.toUpperCase().replaceAll("-", "_");

test("the constants are those of the standard and of pamqp", () => {
  for (const { name, value } of [...constants, ...conventions]) {
    expect((library as unknown as Record<string, unknown>)[upper(name)], name).toBe(value);
  }
  expect(library.VERSION).toEqual([0, 9, 1]);
});

test("there are 18 errors", () => {
  expect(REPLY_CODES).toEqual(
    replyCodes.map(({ name, code, hard }) => ({ code, name: upper(name), className: pascal(name), hard })),
  );
  expect(REPLY_CODES).toHaveLength(18);
  expect(Object.keys(exceptions).sort()).toEqual(REPLY_CODES.map(({ className }) => className as string).sort());
  expect(Object.isFrozen(exceptions)).toBe(true);
});

describe.each(REPLY_CODES)("$className", ({ code, name, className, hard }) => {
  test("knows its code, and whether it is hard", () => {
    const type = exceptions[className];
    expect([type.replyCode, (type as unknown as { name: string }).name]).toEqual([code, className]);
    for (const error of [new type("no queue 'q'"), exceptionFor(code, "no queue 'q'")]) {
      expect(error).toBeInstanceOf(type);
      expect(error).toBeInstanceOf(hard ? HardError : SoftError);
      expect(error).not.toBeInstanceOf(hard ? SoftError : HardError);
      expect(error).toBeInstanceOf(ReplyError);
      expect(error).toBeInstanceOf(Error);
      expect(error).toMatchObject({
        name: className,
        replyCode: code,
        replyText: "no queue 'q'",
        message: "no queue 'q'",
        hard,
      });
      expect(String(error)).toBe(`${className}: no queue 'q'`);
      expect(error.stack).toContain("no queue");
    }
    expect(new type()).toMatchObject({ replyText: "", message: name });
  });
});

test("other codes give a plain error, hard from 500 on", () => {
  for (const [code, hard] of [
    [200, false],
    [310, false],
    [499, false],
    [500, true],
    [599, true],
  ] as const) {
    const error = exceptionFor(code);
    expect(error.constructor).toBe(ReplyError);
    expect(error).toMatchObject({
      name: "ReplyError",
      replyCode: code,
      replyText: "",
      message: `reply code ${code}`,
      hard,
    });
    expect(exceptionFor(code, "why").message).toBe("why");
  }
});

describe("errors of the codec", () => {
  test("have names, reasons and paths", () => {
    const encode = new EncodeError("too long", "headers.a");
    expect(encode).toMatchObject({ name: "EncodeError", message: "headers.a: too long", path: "headers.a" });
    expect(new EncodeError("too long")).toMatchObject({ message: "too long", path: "" });
    expect(encode).not.toBeInstanceOf(ValidationError);
    const validation = new ValidationError("ticket must be 0", "ticket");
    expect(validation).toBeInstanceOf(EncodeError);
    expect(validation).toMatchObject({ name: "ValidationError", message: "ticket must be 0", path: "ticket" });
    expect(new ValidationError("x").path).toBe("");
  });

  test("gain what holds the value, from inside out", () => {
    const error = new EncodeError("no");
    expect(error.within("[2]")).toBe(error);
    expect(error).toMatchObject({ path: "[2]", message: "[2]: no" });
    expect(error.within("list")).toMatchObject({ path: "list[2]", message: "list[2]: no" });
    expect(error.within("headers")).toMatchObject({ path: "headers.list[2]", message: "headers.list[2]: no" });
    const rule = new ValidationError("rule", "a");
    expect(rule.within()).toMatchObject({ path: "a", message: "rule" });
  });

  test("of decoding have every detail, with defaults", () => {
    const error = new DecodeError({ code: "frame-end", message: "wrong", replyCode: 501, offset: 9 });
    expect(error).toMatchObject({
      name: "DecodeError",
      code: "frame-end",
      message: "wrong (at offset 9)",
      replyCode: 501,
      replyText: "FRAME_ERROR - wrong",
      hard: true,
      classId: 0,
      methodId: 0,
      channel: 0,
      offset: 9,
      path: "",
    });
    expect(error).not.toBeInstanceOf(EncodeError);
    expect(new DecodeError({ code: "x", message: "m", replyCode: 1, offset: 0 }).replyText).toBe("ERROR - m");
  });
});
