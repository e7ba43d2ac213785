/**
 * Files of a bundle that wait until something of theirs is wanted. What stands in the outermost scope an engine makes at once, each class with all that its methods need to be found later. A function that nobody calls it only looks through, to know where it ends, and then gives back the memory that this took: so each
 * file that waits is a function of its own, called once, which hands out what others name. Lines stay where they are, for the source map; columns as well, but on lines that name something of a file that waits.
 */
import ts from "typescript";

/** Files that neither a program's start nor a reader of deliveries takes anything from. When they are evaluated is nobody's concern, and what others take from them stays what it is. */
const waiting = new Set(
  `
    ambiguities asked-run channel-tracker codec command-tape command-words consumers content-error content-layout content-layouts content-view
    content-words copy counted-body cut-message decode-failure deliver-run delivered-run describe destination editing equality field-kind field-list
    forward-run frame-cursor frame-failure frame-run frame-view frame-writer gathered-body gathered-content
    generated/content-profiles generated/decode-errors generated/directions generated/holes generated/method-arguments generated/preambles generated/property-flags
    generated/verdicts identify input-window interned-texts json judge judge-properties kept-keys kept-methods layout-code layout-octets marshal
    message-options message-reader negotiation output pattern-reader prepared-publish publish-run put-consumers repeated-text rewrite route-run routed-words
    run-writer scalar-at shape table-code table-octets table-shapes write-frame
  `
    .trim()
    .split(/\s+/),
);

const brands = /^Object\.defineProperty\(\w+\.prototype, BRAND\d*,/;

/** Says to whoever bundles index.js that a call has no effects. A minifier takes such a comment out, so it becomes one when all else is done, by `sayPure`; it is as long, for the source map. */
const pure = "hasNoEffects_";
export const sayPure = (code) => code.replaceAll(pure, "/*@__PURE__*/");

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
  const classes = new Map();
  const variables = new Set();
  for (const statement of source.statements) {
    for (const name of namesOf(statement)) homes.set(name, fileOf(statement));
    // What it does might be what others rely on, without naming it. A brand is known to its file alone.
    if (ts.isExpressionStatement(statement) && fileOf(statement).waits && !brands.test(statement.getText()))
      throw new Error(
        `${fileOf(statement).name} cannot wait: it does something when it is evaluated, ${statement.getText().slice(0, 60)}`,
      );
    if (ts.isFunctionDeclaration(statement)) functions.set(statement.name.text, statement);
    for (const [name, made] of classesOf(statement)) classes.set(name, made);
    if (ts.isVariableStatement(statement) && (statement.declarationList.flags & ts.NodeFlags.Const) === 0)
      for (const name of namesOf(statement)) variables.add(name);
  }

  // Who names what of a file that waits.
  const uses = [];
  const find = (node) => {
    if (ts.isIdentifier(node) && homes.get(node.text)?.waits && isUse(node)) {
      const [user, home] = [fileOf(node), homes.get(node.text)];
      if (user !== home) uses.push({ node, name: node.text, user, home });
      else if (exported.has(node.text) && classes.has(node.text))
        throw new Error(`${home.name} cannot wait: what it calls ${node.text} would not be what programs call so`);
    }
    ts.forEachChild(node, find);
  };
  find(source);
  for (const { node, name, user, home } of uses) {
    if (variables.has(name)) throw new Error(`${home.name} cannot wait: ${user.name} uses ${name}, which changes`);
    // A class that is exported stands for itself everywhere.
    if (exported.has(name) && classes.has(name)) continue;
    home.wanted.add(name);
    if (!user.waits && ts.isHeritageClause(node.parent.parent))
      home.extended.set(node.parent.parent.parent.parent.name.text, name);
    if (user.waits) user.needs.set(home, (user.needs.get(home) ?? new Set()).add(name));
  }
  for (const file of files) assertNoCircle(file, []);

  // From the last to the first: what stands before keeps its place.
  for (const { node, name, user, home } of uses.sort((a, b) => b.node.getStart() - a.node.getStart())) {
    if (user.waits || exported.has(name)) continue;
    const { line, character } = source.getLineAndCharacterOfPosition(node.getStart());
    const wanted = ts.isHeritageClause(node.parent.parent) ? `${name}ToBe` : `(0, ${home.maker}().${name})`;
    const key = ts.isShorthandPropertyAssignment(node.parent) ? `${name}: ` : "";
    lines[line] = `${lines[line].slice(0, character)}${key}${wanted}${lines[line].slice(character + name.length)}`;
  }
  let helpers = classHelpers;
  for (const file of files) {
    // Of some nothing is left: all that they had were numbers.
    if (!file.waits || file.end === file.begin + 1) continue;
    const { maker, made, begin, end, wanted, needs, extended } = file;
    let head = `let ${made};`;
    let stands = "";
    for (const name of exported) {
      if (homes.get(name) !== file) continue;
      const begun = classes.get(name)?.members.find(ts.isConstructorDeclaration);
      if (begun !== undefined) {
        extended.set(name, name);
        const { parameters, names } = standIn(begun);
        stands += ` const ${name} = class extends ${name}ToBe { constructor(${parameters}) { super(${names}); } };`;
      } else if (functions.has(name)) {
        const { parameters, names } = standIn(functions.get(name));
        head += ` function ${name}(${parameters}) { return (0, ${maker}().${name})(${names}); }`;
      } else
        throw new Error(
          `${file.name} cannot wait: ${name} is exported, and no function and no class that has a constructor`,
        );
      wanted.add(name);
    }
    if (extended.size > 0) {
      for (const real of new Set(extended.values()))
        head += ` const ${real}ToBe = ${pure}classToBe(() => ${maker}().${real});`;
      head = `${helpers} ${head}${stands}`;
      helpers = "";
      head += ` function ${maker}Made(made) { ${[...extended].map(([name, real]) => `extendBy(${name}, made.${real}); `).join("")}return ${made} = made; }`;
    }
    head += ` function ${maker}() { if (${made} !== undefined) return ${made};`;
    for (const [home, names] of needs) head += ` const { ${[...names].join(", ")} } = ${home.maker}();`;
    lines[begin] = head;
    const all = `{ ${[...wanted].join(", ")} }`;
    lines[end - 1] += extended.size > 0 ? ` return ${maker}Made(${all}); }` : ` return ${made} = ${all}; }`;
  }
  return lines.join("\n");
}

/**
 * What a class extends until the file is evaluated that has the class which it really extends: to construct one, or to ask something of its prototype, has the file evaluated. A class that programs import, of a file that waits, is one that has a constructor and extends the class that stands in the file. Where a program has
 * frozen it before, it goes on extending what it does: that passes all on, and may be frozen as well.
 */
const classHelpers = [
  // Not by `function none`: it would have a name, which engines print.
  "function classToBe(real) { const [none] = [function (...given) { return Reflect.construct(real(), given, new.target); }];",
  "none.prototype = new Proxy({}, new Proxy({}, { get: (_, trap) => (to, ...given) => { Reflect.setPrototypeOf(to, real().prototype); return Reflect[trap](to, ...given); } })); return none; }",
  "function extendBy(given, real) { Reflect.setPrototypeOf(given, real); Reflect.setPrototypeOf(given.prototype, real.prototype); }",
].join(" ");

/** The files of a bundle, each from its comment to its last line. */
function filesOf(lines) {
  const begins = [...lines.keys()].filter((i) => /^\/\/! (src|node_modules)\//.test(lines[i]));
  const files = begins.map((begin, i) => {
    let end = begins[i + 1] ?? lines.findLastIndex((line) => line !== "" && !line.startsWith("//#")) + 1;
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
      // Classes that extend one of the file's, or stand for it, by their names.
      extended: new Map(),
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

/** Classes of a statement, by the names of their constants. */
function classesOf(statement) {
  if (!ts.isVariableStatement(statement)) return [];
  const made = ({ initializer }) => initializer !== undefined && ts.isClassExpression(initializer);
  return statement.declarationList.declarations.filter(made).map(({ name, initializer }) => [name.text, initializer]);
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
