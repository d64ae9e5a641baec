// The metered fields of a request as Purser reads them, against JSON.parse: whatever is admitted must
// be JSON, with the same model, n, stream and output limit; and what goes upstream must parse to our
// own model, limit and tier. Documents are drawn from a seed: odd spellings, escapes, numbers,
// repeated keys, and single bytes changed.
//   node json_differential.mjs path/to/json_fields [--documents N] [--seed S]
import {spawnSync} from "node:child_process";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? otherwise : Number(process.argv[at + 1]);
};
const documents = option("--documents", 20000);
const seed = option("--seed", 20261123);
let state = seed >>> 0;
const below = (n) => {  // mulberry32
  state = (state + 0x6d2b79f5) >>> 0;
  let t = state;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return ((t ^ (t >>> 14)) >>> 0) % n;
};
const pick = (list) => list[below(list.length)];

const names = ["model", "n", "stream", "max_tokens", "max_completion_tokens", "max_output_tokens",
  "service_tier", "temperature", "user", "stream_options"];
const values = ["1", "2", "0", "-1", "16", "1.0", "1e1", "1E+1", "10e-1", "1.5", "-0", "01", "1e400",
  "2147483648", "9007199254740993", "18446744073709551616", "true", "false", "null", '""', '"1"',
  '"gpt-4o-mini"', '"gpt\\u002d4o"', '"\\ud83d\\ude00"', '"\\ud800"', '"a\\/b"', '"default"',
  '"auto"', '"flex"', "{}", "[]", '{"include_usage":true}', "NaN", "tru"];
const usual = {model: ['"gpt-4o-mini"', '"gpt\\u002d4o"', '"a\\/b"'], n: ["1", "2", "null", "1.0"],
  stream: ["true", "false", "null"], service_tier: ['"default"', '"auto"', "null"],
  temperature: ["1", "0.5"], user: ['"u"'], stream_options: ['{"include_usage":true}', "null"]};
const limits = ["16", "1e1", "5.0", "null", "4096"];
const escaped = (name) => {
  const at = below(name.length);
  const code = name.charCodeAt(at).toString(16).padStart(4, "0");
  return name.slice(0, at) + "\\u" + (below(2) ? code : code.toUpperCase()) + name.slice(at + 1);
};
const blank = () => pick(["", "", "", " ", "\n", "\t\r\n"]);

function document(format) {
  const input = format === "responses" ? '"input":"hi"'
    : '"messages":[{"role":"user","content":"hi"}]';
  const members = [input];
  const own = format === "messages" ? ["model", "max_tokens"] : ["model"];
  const all = [...own, ...Array.from({length: below(5)}, () => pick(names))];
  const seen = new Set();
  for (const name of all) {
    if (seen.has(name) && below(8) > 0) continue;  // mostly once
    seen.add(name);
    const likely = usual[name] ?? limits;
    const value = below(6) === 0 ? pick(values) : pick(likely);
    members.push(`"${below(6) === 0 ? escaped(name) : name}"${blank()}:${blank()}${value}`);
  }
  members.sort(() => below(3) - 1);
  let text = "{" + blank() + members.join(blank() + "," + blank()) + "}" + blank();
  if (below(5) === 0) {
    const at = below(text.length);
    text = text.slice(0, at) + pick(["", ",", "}", '"', "\\", " ", "\u00a0", "\u0000", "e", "1"]) +
      text.slice(at + below(2));
  }
  return text;
}

const drawn = Array.from({length: documents}, () => {
  const format = pick(["chat", "responses", "messages"]);
  return {format, text: document(format)};
});
const lines = drawn.map(({format, text}) => `${format} ${Buffer.from(text).toString("hex")}\n`);
const tool = spawnSync(process.argv[2], {input: lines.join(""), maxBuffer: 1 << 30});
const answers = tool.stdout.toString().trimEnd().split("\n");
const fromHex = (hex) => Buffer.from(hex ?? "", "hex").toString();
const parse = (text) => {
  try { return JSON.parse(text); } catch { return undefined; }
};
const limitsOf = {chat: ["max_completion_tokens", "max_tokens"], responses: ["max_output_tokens"],
  messages: ["max_tokens"]};

function differences({format, text}, answer) {
  const [kind, model, stream, n, limit, written] = answer.split(" ");
  if (kind !== "read") return [];
  const parsed = parse(text), upstream = parse(fromHex(written));
  if (!parsed || !upstream) return ["admitted, and no JSON"];
  const found = [];
  const same = (what, ours, theirs) => {
    if (ours !== theirs) found.push(`${what}: ${ours}, and JSON.parse has ${theirs}`);
  };
  same("model", fromHex(model), parsed.model);
  same("stream", stream === "1", parsed.stream === true);
  if (format === "chat") same("n", Number(n), parsed.n ?? 1);
  const asked = limitsOf[format].map((name) => parsed[name]).filter((value) => value != null);
  if (limit === "none") same("limit", 0, asked.length);
  else if (!asked.includes(Number(limit))) found.push(`limit: ${limit} of ${asked}`);
  same("model upstream", upstream.model, "upstream-model");
  same("stream upstream", upstream.stream === true, parsed.stream === true);
  same("tier upstream", upstream.service_tier, format === "messages" ? "standard_only" : "default");
  if (format === "chat") same("n upstream", upstream.n ?? 1, parsed.n ?? 1);
  const told = limitsOf[format].map((name) => upstream[name]).filter((value) => value != null);
  if (!told.length || told.some((value) => value !== 77)) found.push(`limit upstream: ${told}`);
  return found;
}

let failures = answers.length === documents && tool.status === 0 ? 0 : 1;
if (failures) console.log(`the tool answered ${answers.length} of ${documents}`, String(tool.stderr));
drawn.forEach((one, i) => {
  for (const difference of differences(one, answers[i] ?? "")) {
    if (++failures <= 10) console.log(`${one.format} ${JSON.stringify(one.text)}: ${difference}`);
  }
});
const read = answers.filter((answer) => answer.startsWith("read")).length;
if (read < documents / 20) failures += 1;  // else nothing was compared
console.log(`json differential: ${documents} documents of seed ${seed}, ${read} admitted and alike ` +
  `to JSON.parse, ${documents - read} refused; ${failures} failures`);
process.exit(failures ? 1 : 0);
