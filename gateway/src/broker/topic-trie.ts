/**
 * Binding keys of a topic exchange as a tree of words: `*` stands for one word, `#` for any number of them. A routing key is matched by walking the tree with
 * it; what does not fit is never looked at.
 */
export class TopicTrie<T> {
  readonly #root = new Node<T>(false);

  add(pattern: string, value: T): void {
    let node = this.#root;
    for (const word of words(pattern)) {
      let next = node.next.get(word);
      if (next === undefined) node.next.set(word, (next = new Node(word === "#")));
      node = next;
    }
    node.values.add(value);
  }

  remove(pattern: string, value: T): void {
    const way: [Node<T>, string][] = [];
    let node = this.#root;
    for (const word of words(pattern)) {
      const next = node.next.get(word);
      if (next === undefined) return;
      way.push([node, word]);
      node = next;
    }
    node.values.delete(value);
    // Branches that lead nowhere any more are taken down, or a client could let the tree grow without end.
    for (let step = way.pop(); step !== undefined; step = way.pop()) {
      const [parent, word] = step;
      if (node.values.size > 0 || node.next.size > 0) return;
      parent.next.delete(word);
      node = parent;
    }
  }

  /** Tells every value whose pattern matches; the same one as often as it has patterns that do. */
  match(routingKey: string, visit: (value: T) => void): void {
    const key = words(routingKey);
    // Sets of nodes, word by word: `#` would otherwise make a search of exponential time out of a pattern such as #.a.#.a.#.a
    let nodes = new Set<Node<T>>();
    enter(this.#root, nodes);
    for (const word of key) {
      if (nodes.size === 0) return;
      const following = new Set<Node<T>>();
      for (const node of nodes) {
        // A node that `#` leads to takes any number of words.
        if (node.isHash) following.add(node);
        const same = word === "*" || word === "#" ? undefined : node.next.get(word);
        if (same !== undefined) enter(same, following);
        const any = node.next.get("*");
        if (any !== undefined) enter(any, following);
      }
      nodes = following;
    }
    for (const node of nodes) for (const value of node.values) visit(value);
  }
}

class Node<T> {
  readonly next = new Map<string, Node<T>>();
  readonly values = new Set<T>();
  /** Whether `#` leads here. */
  readonly isHash: boolean;

  constructor(isHash: boolean) {
    this.isHash = isHash;
  }
}

/** A node and, because `#` takes no word as well, those behind its `#`. */
function enter<T>(node: Node<T>, nodes: Set<Node<T>>): void {
  for (let at: Node<T> | undefined = node; at !== undefined && !nodes.has(at); at = at.next.get("#")) nodes.add(at);
}

/** RabbitMQ has no words in an empty key; "a." has two, of which the second is empty. */
function words(key: string): string[] {
  return key === "" ? [] : key.split(".");
}
