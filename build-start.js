/**
 * What of a bundle waits, and what does not, so that programs start sooner. An engine reads a function twice that is called: first only to know where it ends. Where one stands in parentheses, it takes it for one that is called soon, and reads
 * it once. Both change a bundle line by line: lines and columns stay where they are, for the source map.
 */

/** Functions that each program calls when it starts, or that reads frames. Others that are called then are methods, for which there are no parentheses, or are used by their files before the line where they stand. */
const atOnce = {
  "node_modules/@assemblyscript/loader/index.js": "preInstantiate postInstantiate isModule instantiateSync demangle",
  "src/clone-source.ts": "cloneSource defined",
  "src/clone-table.ts": "placesFor",
  "src/content-body.ts": "chunkFor placeIn",
  "src/core.ts": "embedded makeCore currentCore isShared",
  "src/exceptions.ts": "exceptionClass",
  "src/fields.ts":
    "readTable readHeaderTable newTable rememberedOf readFields readTemplate learn makeTemplate readValue",
  "src/generated/properties.ts": "readProperties",
  "src/input.ts": "load",
  "src/limits.ts": "optionInRange frameMaxOption decodeSettings",
  "src/longlong.ts": "unsignedLonglong",
  "src/method-tables.ts": "setTableContext",
  "src/methods.ts": "factsOf describeMethod readBare",
  "src/property-list.ts": "providePropertyReader describeProperties",
  "src/property-reader.ts": "propertyReader otherReader",
  "src/strings.ts": "mirrorOf beginStrings string newString learn",
  "src/table-template.ts": "fitTemplate",
  "src/timestamp.ts": "decodedTimestamp",
  "src/usual-acks.ts": "areAcks",
  "src/usual-deliveries.ts": "isUsual takeDeliveries",
  "src/usual-repetitions.ts": "takesRuns",
};

/** Puts those functions into parentheses. */
export function beginAtOnce(bundle) {
  const lines = bundle.split("\n");
  for (const [file, names] of Object.entries(atOnce)) {
    const begin = lines.indexOf(`// ${file}`);
    for (const name of names.split(" ")) {
      const header = new RegExp(`^function (${name}\\d*)\\(`);
      const end = lines.findIndex((line, i) => i > begin && /^\/\/ (src|node_modules)\//.test(line));
      const at = lines.findIndex((line, i) => i > begin && i < end && header.test(line));
      if (begin < 0 || at < 0) throw new Error(`there is no function ${name} in ${file}`);
      const [, called] = header.exec(lines[at]);
      // Behind the last line, or in the place of a comment.
      const before = `const ${called} = (`;
      lines[at - 1] = lines[at - 1].startsWith("//") ? before : `${lines[at - 1]} ${before}`;
      // Without a name of its own: the constant's stays as it is.
      lines[at] = lines[at].replace(called, " ".repeat(called.length));
      lines[lines.indexOf("}", at)] += ");";
    }
  }
  return lines.join("\n");
}

/**
 * Has command classes made when somebody asks for one, with those beside it in its file: a program uses a few of the 64, and to make all of them takes one to two milliseconds of its start. `made` are made at once, because they come most, and other files
 * name them. Lines stay where they are, and columns, too, but where a class begins and in lists of classes.
 */
export function waitWithClasses(bundle, made = /"Basic\.(Publish|Deliver|Ack)"/) {
  const lines = bundle.split("\n");
  const makers = new Map();
  for (const section of sectionsOf(lines)) {
    const starts = section.filter((i) => /^var \w+ = class\b/.test(lines[i]));
    // What is behind the last class of a file belongs to it.
    const groups = starts.map((start, i) => ({ start, end: starts[i + 1] ?? section.at(-1) + 1 }));
    let run = [];
    const close = () => {
      if (run.length === 0) return;
      const names = run.map(({ start }) => /\w+(?= = class)/.exec(lines[start])[0]);
      const maker = `makeClasses${makers.size}`;
      for (const [i, name] of names.entries()) {
        makers.set(name, maker);
        // Within a function a minifier renames classes; but not keys, by which an engine calls them.
        const { start } = run[i];
        const key = name.replace(/\d+$/, "");
        lines[start] = lines[start].replace(`var ${name} = class`, `var {${key}: ${name}} = {${key}: class`);
        lines[lines.indexOf("};", start)] = "}};";
      }
      lines[run[0].start - 1] +=
        ` let ${maker}Made; function ${maker}() { if (${maker}Made !== undefined) return ${maker}Made;`;
      lines[run.at(-1).end - 1] += ` return ${maker}Made = { ${names.join(", ")} }; }`;
      run = [];
    };
    for (const group of groups) {
      if (made.test(lines.slice(group.start, group.end).join("\n"))) close();
      else run.push(group);
    }
    close();
  }
  if (makers.size !== 61) throw new Error(`61 classes can wait, not ${makers.size}`);
  const asked = (name) => (makers.has(name) ? `${makers.get(name)}().${name}` : name);
  let listed = false;
  for (const [i, line] of lines.entries()) {
    if (line.startsWith("// src/")) listed = line === "// src/generated/commands.ts";
    if (listed) lines[i] = line.replace(/^( +)(\w+)(?=,?$)/, (_, indent, name) => indent + asked(name));
    else lines[i] = line.replace(/^( {2}\w+: \(\) => )(\w+)(?=,?$)/, (_, begin, name) => begin + asked(name));
  }
  return { text: lines.join("\n"), classes: [...makers.keys()] };
}

/** Line numbers of each file of a bundle that describes command classes, without the empty lines behind it. */
function sectionsOf(lines) {
  const begins = [...lines.keys()].filter((i) => /^\/\/ (src|node_modules)\//.test(lines[i]));
  return begins
    .map((begin, i) => {
      let end = begins[i + 1] ?? lines.length;
      while (lines[end - 1] === "") end--;
      return Array.from({ length: end - begin }, (_, j) => begin + j);
    })
    .filter((section) => section.some((i) => /^describeMethod\(/.test(lines[i])));
}
