/**
 * Files of a bundle that wait until something of theirs is wanted. What stands in the outermost scope an engine makes at once, each class with all that its methods need to be found later. A function that nobody calls it only looks through, to know where it ends, and then gives back the memory that this took: so each
 * file that waits is a function of its own, called once, which hands out what others name. Lines stay where they are, for the source map; columns as well, but on lines that name something of a file that waits.
 */
import ts from "typescript";

/** Files that neither a program's start nor a reader of deliveries takes anything from. When they are evaluated is nobody's concern, and what others take from them stays what it is. */
const waiting = new Set(
  `
    ambiguities asked-run command-tape command-words consumers content-error content-layout content-layouts content-words copy counted-body
    cut-message decode-failure deliver-run delivered-run describe destination equality field-kind field-list forward-run frame-failure frame-run
    gathered-body gathered-content generated/content-profiles generated/directions generated/holes generated/preambles
    generated/property-flags generated/verdicts identify input-window json judge judge-properties kept-keys layout-code layout-octets message-options
    negotiation output prepared-publish publish-run put-consumers repeated-text rewrite route-run routed-words run-writer scalar-at shape table-code
    table-octets table-shapes write-frame
  `
    .trim()
    .split(/\s+/),
);

export function waitWithFiles(bundle, exports) {
  const source = ts.createSourceFile("index.js", bundle, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const lines = bundle.split("\n");
  const files = filesOf(lines);
  for (const { begin } of files) lines[begin] = "";
  const lineOf = (node) => source.getLineAndCharacterOfPosition(node.getStart()).line;
  const fileOf = (node) => files.findLast(({ begin }) => begin <= lineOf(node));

  // What is declared where, and what a program can import.
  const homes = new Map();
  const exported = new Set([...exports.matchAll(/([\w$]+)(?: as [\w$]+)?(?=,|\s*\})/g)].map(([, name]) => name));
  const functions = new Map();
  const variables = new Set();
  for (const statement of source.statements) {
    for (const name of namesOf(statement)) homes.set(name, fileOf(statement));
    if (ts.isFunctionDeclaration(statement)) functions.set(statement.name.text, statement);
    if (ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) === 0)
      for (const name of namesOf(statement)) variables.add(name);
  }

  // Who names what of a file that waits.
  const uses = [];
  const find = (node) => {
    if (ts.isIdentifier(node) && homes.get(node.text)?.waits && isUse(node)) {
      const [user, home] = [fileOf(node), homes.get(node.text)];
      if (user !== home) uses.push({ node, name: node.text, user, home });
    }
    ts.forEachChild(node, find);
  };
  find(source);
  for (const { name, user, home } of uses) {
    if (variables.has(name)) throw new Error(`${home.name} cannot wait: ${user.name} uses ${name}, which changes`);
    home.wanted.add(name);
    if (user.waits) user.needs.set(home, (user.needs.get(home) ?? new Set()).add(name));
  }
  for (const file of files) assertNoCircle(file, []);

  // From the last to the first: what stands before keeps its place.
  for (const { node, name, user, home } of uses.sort((a, b) => b.node.getStart() - a.node.getStart())) {
    if (user.waits || exported.has(name)) continue;
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart());
    const key = ts.isShorthandPropertyAssignment(node.parent) ? `${name}: ` : "";
    lines[line] =
      `${lines[line].slice(0, character)}${key}(0, ${home.maker}().${name})${lines[line].slice(character + name.length)}`;
  }
  for (const file of files) {
    // Of some nothing is left: all that they had were numbers.
    if (!file.waits || file.end === file.begin + 1) continue;
    const { maker, made, begin, end, wanted, needs } = file;
    let head = `let ${made};`;
    for (const name of exported) {
      if (homes.get(name) !== file) continue;
      if (!functions.has(name)) throw new Error(`${file.name} cannot wait: ${name} is exported and no function`);
      wanted.add(name);
      const { parameters, names } = standIn(functions.get(name));
      head += ` function ${name}(${parameters}) { return (0, ${maker}().${name})(${names}); }`;
    }
    head += ` function ${maker}() { if (${made} !== undefined) return ${made};`;
    for (const [home, names] of needs) head += ` const { ${[...names].join(", ")} } = ${home.maker}();`;
    lines[begin] = head;
    lines[end - 1] += ` return ${made} = { ${[...wanted].join(", ")} }; }`;
  }
  return lines.join("\n");
}

/** The files of a bundle, each from its comment to its last line. */
function filesOf(lines) {
  const begins = [...lines.keys()].filter((i) => /^\/\/! (src|node_modules)\//.test(lines[i]));
  const files = begins.map((begin, i) => {
    let end = begins[i + 1] ?? lines.findLastIndex((line) => !line.startsWith("//#"));
    while (lines[end - 1] === "") end--;
    const name = lines[begin].slice("//! ".length);
    const short = name
      .replace(/^src\/(generated\/)?|\.ts$/g, "")
      .replace(/-(\w)/g, (_, letter) => letter.toUpperCase());
    const waits = waiting.has(name.replace(/^src\/|\.ts$/g, ""));
    return {
      name,
      begin,
      end,
      waits,
      maker: `${short}File`,
      made: `${short}Made`,
      wanted: new Set(),
      needs: new Map(),
    };
  });
  const found = files.filter(({ waits }) => waits);
  if (found.length !== waiting.size) throw new Error(`${waiting.size} files can wait, not ${found.length}`);
  if (new Set(found.map(({ maker }) => maker)).size !== found.length)
    throw new Error("two files that wait have one name");
  return files;
}

/** @throws Error where two files need each other: what one takes from the other is not there yet. */
function assertNoCircle(file, path) {
  if (path.includes(file)) throw new Error(`cannot wait: ${[...path, file].map(({ name }) => name).join(" needs ")}`);
  if (file.checked) return;
  for (const home of file.needs.keys()) assertNoCircle(home, [...path, file]);
  file.checked = true;
}

function namesOf(statement) {
  const inside = (name) => (ts.isIdentifier(name) ? [name.text] : name.elements.flatMap(({ name }) => inside(name)));
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => inside(name));
  return statement.name === undefined ? [] : [statement.name.text];
}

/** Whether an identifier stands for what it names, and is no declaration and no name of a property. A bundler gives no two things of one scope and those within it the same name. */
function isUse(node) {
  const { parent } = node;
  if (ts.isShorthandPropertyAssignment(parent)) return true;
  if (ts.isBindingElement(parent) && parent.propertyName === node) return false;
  return parent.name !== node && parent.label !== node;
}

/** Parameters of as many as a function has, by its `length`. */
function standIn({ parameters }) {
  const names = parameters.map(({ dotDotDotToken }, i) => (dotDotDotToken ? `...given${i}` : `given${i}`));
  const optional = parameters.map(({ initializer }, i) => (initializer ? `${names[i]} = undefined` : names[i]));
  return { parameters: optional.join(", "), names: names.join(", ") };
}
