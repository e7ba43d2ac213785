/** Tuning: what two sides agree on, and what a broker refuses. */
import { describe, expect, test } from "vitest";
import { checkTuneOk, Connection, negotiateTune, type Tuning } from "../src/index.js";
import { Random } from "./support/random.js";
import { encodeErrorOf } from "./support/wire.js";

const tuning = (channelMax: number, frameMax: number, heartbeat: number): Tuning => ({
  channelMax,
  frameMax,
  heartbeat,
});

describe("negotiateTune", () => {
  test.each<[client: Tuning, server: Tuning, agreed: Tuning]>([
    [tuning(0, 0, 0), tuning(0, 0, 0), tuning(0, 0, 0)],
    [tuning(0, 0, 0), tuning(2047, 131072, 60), tuning(2047, 131072, 60)],
    [tuning(2047, 131072, 60), tuning(0, 0, 0), tuning(2047, 131072, 60)],
    [tuning(100, 8192, 10), tuning(2047, 131072, 60), tuning(100, 8192, 10)],
    [tuning(2047, 131072, 60), tuning(100, 8192, 10), tuning(100, 8192, 10)],
    [tuning(5, 0, 30), tuning(0, 4096, 0), tuning(5, 4096, 30)],
    [tuning(65535, 4294967295, 65535), tuning(0, 0, 0), tuning(65535, 4294967295, 65535)],
  ])("%j and %j agree on %j", (client, server, agreed) => {
    expect(negotiateTune(client, server)).toEqual({ accepted: true, ...agreed });
  });

  test("a frame-max below the minimum is refused with 530", () => {
    expect(negotiateTune(tuning(0, 4095, 0), tuning(0, 131072, 0))).toEqual({
      accepted: false,
      replyCode: 530,
      replyText: "NOT_ALLOWED - frame_max of 4095, expected at least 4096",
      argument: "frameMax",
      value: 4095,
      least: 4096,
      most: 0,
    });
    expect(negotiateTune(tuning(0, 131072, 0), tuning(0, 1, 0)).accepted).toBe(false);
    expect(negotiateTune(tuning(0, 4096, 0), tuning(0, 4096, 0)).accepted).toBe(true);
    expect(negotiateTune(tuning(0, 4096, 0), tuning(0, 0, 0), { minimum: 8192 })).toMatchObject({
      value: 4096,
      least: 8192,
    });
    expect(negotiateTune(tuning(0, 8192, 0), tuning(0, 0, 0), { minimum: 8192 }).accepted).toBe(true);
    // No limit on either side is above any minimum.
    expect(negotiateTune(tuning(0, 0, 0), tuning(0, 0, 0), { minimum: 8192 }).accepted).toBe(true);
    expect(negotiateTune(tuning(0, 5, 0), tuning(0, 0, 0), { minimum: 0 })).toMatchObject({ frameMax: 5 });
  });

  test("takes the methods themselves, and gives what makes one", () => {
    const agreed = negotiateTune(
      new Connection.TuneOk({ channelMax: 10, frameMax: 0, heartbeat: 0 }),
      new Connection.Tune({ channelMax: 0, frameMax: 8192, heartbeat: 20 }),
    );
    if (!agreed.accepted) expect.unreachable();
    expect(new Connection.TuneOk(agreed).toJSON()).toEqual({ channelMax: 10, frameMax: 8192, heartbeat: 20 });
  });

  test("neither side gets more than it wanted, whoever speaks first", () => {
    const random = new Random(21);
    const value = (most: number): number => (random.chance(4) ? 0 : random.below(most) + 1);
    const side = (): Tuning => tuning(value(65535), value(1e6) + 4096, value(300));
    for (let i = 0; i < 2000; i++) {
      const [a, b] = [side(), side()];
      const agreed = negotiateTune(a, b);
      expect(negotiateTune(b, a)).toEqual(agreed);
      if (!agreed.accepted) expect.unreachable();
      for (const name of ["channelMax", "frameMax", "heartbeat"] as const) {
        const wanted = [a[name], b[name]].filter((one) => one !== 0);
        expect(agreed[name]).toBe(wanted.length === 0 ? 0 : Math.min(...wanted));
      }
      expect(checkTuneOk(a, { ...agreed, channelMax: agreed.channelMax }).accepted).toBe(true);
    }
  });

  test("refuses what is out of range, with its name", () => {
    const good = tuning(1, 4096, 1);
    const wrong: Array<[Partial<Record<keyof Tuning, unknown>>, string]> = [
      [{ channelMax: 65536 }, "client.channelMax"],
      [{ frameMax: -1 }, "client.frameMax"],
      [{ frameMax: 2 ** 32 }, "client.frameMax"],
      [{ heartbeat: 0.5 }, "client.heartbeat"],
      [{ heartbeat: undefined }, "client.heartbeat"],
    ];
    for (const [change, path] of wrong) {
      expect(encodeErrorOf(() => negotiateTune({ ...good, ...change } as Tuning, good)).path).toBe(path);
    }
    expect(encodeErrorOf(() => negotiateTune(good, null as never)).path).toBe("server");
    expect(encodeErrorOf(() => negotiateTune(good, good, { minimum: -1 })).path).toBe("minimum");
  });
});

describe("checkTuneOk", () => {
  const offered = tuning(2047, 131072, 60);
  test.each<[answer: Tuning, text: string | undefined]>([
    [offered, undefined],
    [tuning(1, 4096, 0), undefined],
    [tuning(1, 4096, 600), undefined],
    [tuning(0, 131072, 60), "NOT_ALLOWED - channel_max of 0 (no limit), expected 1 to 2047"],
    [tuning(2048, 131072, 60), "NOT_ALLOWED - channel_max of 2048, expected 1 to 2047"],
    [tuning(2047, 0, 60), "NOT_ALLOWED - frame_max of 0 (no limit), expected 4096 to 131072"],
    [tuning(2047, 131073, 60), "NOT_ALLOWED - frame_max of 131073, expected 4096 to 131072"],
    [tuning(2047, 4095, 60), "NOT_ALLOWED - frame_max of 4095, expected 4096 to 131072"],
  ])("of %j says %j", (answer, text) => {
    const result = checkTuneOk(offered, answer);
    if (text === undefined) expect(result).toEqual({ accepted: true, ...answer });
    else expect(result).toMatchObject({ accepted: false, replyCode: 530, replyText: text });
  });

  test("without limits of its own takes what it gets, down to the minimum", () => {
    expect(checkTuneOk(tuning(0, 0, 0), tuning(0, 0, 0)).accepted).toBe(true);
    expect(checkTuneOk(tuning(0, 0, 0), tuning(65535, 4294967295, 1)).accepted).toBe(true);
    expect(checkTuneOk(tuning(0, 0, 0), tuning(0, 4096, 0), { minimum: 8192 })).toMatchObject({
      replyText: "NOT_ALLOWED - frame_max of 4096, expected at least 8192",
    });
  });
});
