/** Where messages go, from inside: the tree of topics against a matcher that anybody can check, and lists that keep their order. */
import { describe, expect, test } from "vitest";
import { Deque } from "../src/broker/deque.js";
import type { Entry } from "../src/broker/entry.js";
import { PriorityMessages } from "../src/broker/priority-messages.js";
import { ReadyMessages } from "../src/broker/ready-messages.js";
import { asKey } from "../src/broker/routing-key.js";
import { TopicTrie } from "../src/broker/topic-trie.js";

/** Numbers that look random and are the same each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** What the standard says, word by word. */
function matches(pattern: readonly string[], key: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return key.length === 0;
  if (head === "#") return matches(rest, key) || (key.length > 0 && matches(pattern, key.slice(1)));
  return key.length > 0 && (head === "*" || head === key[0]) && matches(rest, key.slice(1));
}

const words = (text: string): string[] => (text === "" ? [] : text.split("."));

test("topic tree: the same as a naive matcher, while bindings come and go", () => {
  const random = generator(7);
  const alphabet = ["a", "b", "c", "", "*", "#"];
  const sentence = (letters: number, longest: number) =>
    Array.from({ length: random(longest + 1) }, () => alphabet[random(letters)]!).join(".");
  const trie = new TopicTrie<number>();
  const patterns = new Map<number, string>();
  let matched = 0;
  for (let i = 0; i < 4000; i++) {
    if (patterns.size < 40 || random(2) === 0) {
      const pattern = sentence(6, 6);
      trie.add(pattern, i);
      patterns.set(i, pattern);
    } else {
      const [value, pattern] = [...patterns][random(patterns.size)]!;
      trie.remove(pattern, value);
      patterns.delete(value);
    }
    const key = sentence(4, 6);
    const found: number[] = [];
    trie.match(key, (value) => found.push(value));
    const expected = [...patterns].filter(([, pattern]) => matches(words(pattern), words(key))).map(([value]) => value);
    expect(
      found.sort((one, other) => one - other),
      key,
    ).toEqual(expected);
    matched += expected.length;
  }
  expect(matched).toBeGreaterThan(1000);
});

test("topic tree: a pattern full of # takes no time to speak of", () => {
  const trie = new TopicTrie<string>();
  trie.add(`${"#.a.".repeat(30)}#.b`, "hard");
  let found = 0;
  trie.match("a.".repeat(200) + "c", () => (found += 1));
  expect(found).toBe(0);
});

test("topic tree: a binding that is removed leaves nothing", () => {
  const trie = new TopicTrie<string>();
  trie.add("a.b.c", "x");
  trie.add("a.b", "y");
  trie.remove("a.b.c", "x");
  trie.remove("a.b.c", "x");
  trie.remove("never.there", "x");
  const found: string[] = [];
  trie.match("a.b", (value) => found.push(value));
  trie.match("a.b.c", (value) => found.push(value));
  expect(found).toEqual(["y"]);
});

test("names that are no UTF-8 are equal to nothing else", () => {
  const octets = Uint8Array.of(0x61, 0xe9);
  expect(asKey(octets)).toBe(asKey(Uint8Array.of(0x61, 0xe9)));
  expect(asKey(octets)).not.toBe(asKey(Uint8Array.of(0x61, 0xe8)));
  expect(asKey(octets)).not.toBe("aé");
  expect(asKey("aé")).toBe("aé");
});

test("deque: the same as an array", () => {
  const random = generator(11);
  const deque = new Deque<number>();
  const array: number[] = [];
  for (let i = 0; i < 20_000; i++) {
    // Grows for a while, then shrinks.
    switch (random(i % 8000 < 4000 ? 4 : 7)) {
      case 0:
      case 1:
        deque.push(i);
        array.push(i);
        break;
      case 2:
        deque.unshift(i);
        array.unshift(i);
        break;
      case 3:
        if (random(20) === 0) {
          const item = array[random(array.length)] ?? -1;
          const at = array.indexOf(item);
          expect(deque.remove(item)).toBe(at >= 0);
          if (at >= 0) array.splice(at, 1);
        }
        break;
      default:
        expect(deque.shift()).toBe(array.shift());
    }
    expect([deque.length, deque.first]).toEqual([array.length, array[0]]);
  }
  expect([...deque]).toEqual(array);
});

const entry = (sequence: number, priority = 0): Entry =>
  ({ sequence, message: { priority }, redelivered: false, expiresAt: Infinity }) as unknown as Entry;

describe("what waits", () => {
  test("comes in order, whatever comes back when", () => {
    const random = generator(3);
    const ready = new ReadyMessages();
    const waiting = new Set<number>();
    const out: Entry[] = [];
    for (let sequence = 0; sequence < 5000;) {
      const choice = random(4);
      if (choice === 0 && out.length > 0) {
        const [back] = out.splice(random(out.length), 1);
        ready.giveBack(back!);
        waiting.add(back!.sequence);
      } else if (choice < 3) {
        ready.push(entry(sequence));
        waiting.add(sequence++);
      } else {
        const oldest = Math.min(...waiting);
        const taken = ready.shift();
        expect(taken?.sequence).toBe(waiting.size === 0 ? undefined : oldest);
        if (taken === undefined) continue;
        waiting.delete(taken.sequence);
        out.push(taken);
      }
      expect(ready.length).toBe(waiting.size);
    }
  });

  test("comes by priority, then in order", () => {
    const random = generator(5);
    const ready = new PriorityMessages(4);
    let waiting: Entry[] = [];
    for (let sequence = 0; sequence < 3000; sequence++) {
      const one = entry(sequence, random(9));
      if (random(3) === 0) ready.giveBack(one);
      else ready.push(one);
      waiting.push(one);
      if (random(2) === 0) continue;
      const level = ({ message }: Entry) => Math.min(4, message.priority);
      const [first] = [...waiting].sort((a, b) => level(b) - level(a) || a.sequence - b.sequence);
      expect(ready.first).toBe(first);
      expect(ready.shift()).toBe(first);
      waiting = waiting.filter((other) => other !== first);
      expect(ready.length).toBe(waiting.length);
    }
  });
});
