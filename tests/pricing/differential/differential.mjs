// Prices random usages of every model that the npm package and the book share, by the package's own
// calculation and by Purser's, and compares: within 1 nano + 1e-9 relative, since the package
// computes in doubles. node differential.mjs PRICE_LINES PRICES.json PACKAGE_DIR SEED
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [program, bookFile, packageDir, seed] = process.argv.slice(2);
const { calcPrice, findProvider } = await import(pathToFileURL(path.resolve(packageDir, 'dist/index.js')));
const USAGES_PER_MODEL = 200;
const THEIR_PROVIDER = { xai: 'x-ai' };
const book = JSON.parse(fs.readFileSync(bookFile, 'utf8'));
const data = path.dirname(bookFile);
const fees = JSON.parse(fs.readFileSync(path.join(data, 'fees.json'), 'utf8'));
// Fees that the package lacks or that the book corrects, with their reason in data/fees.json.
const ownFees = new Set(fees.fees.flatMap((fee) => fee.ids));

// xorshift128+, so that a seed gives the same usages everywhere.
let state = [BigInt(seed) * 2654435761n + 1n, 0x9e3779b97f4a7c15n];
function draw(below) {
  let [a, b] = state;
  const mask = (1n << 64n) - 1n;
  a ^= (a << 23n) & mask;
  a ^= a >> 17n;
  a ^= b ^ (b >> 26n);
  state = [b, a];
  return Number(((a + b) & mask) % BigInt(below));
}
const pick = (list) => list[draw(list.length)];

// A name of the model that the package knows too.
function namesOf(model, provider) {
  const own = model.id.slice(model.id.indexOf('/') + 1);
  const names = [own, ...(model.names ?? []), ...(model.variants ?? [])];
  for (const prefix of model.dated ?? []) names.push(`${prefix}-20260105`, `${prefix}-2026-01-05`);
  for (const prefix of model.variants ?? []) names.push(`${prefix}-20260105`);
  for (const prefix of model.starts_with ?? []) names.push(`${prefix}x:y::z`);
  return names.filter((name) => {
    const found = calcPrice({ input_tokens: 1 }, name, { providerId: provider });
    return found && found.model.id === own;
  });
}

function instantOf(model) {
  const period = pick(model.periods);
  const any = Date.UTC(2024, 0, 1) + draw(4 * 365 * 86_400_000);
  if (period.from && draw(2)) return Date.parse(period.from) + draw(3) - 1;
  if (period.daily && draw(2)) {
    const [h, m, s] = (draw(2) ? period.daily.start : period.daily.end).split(':').map(Number);
    return any - (any % 86_400_000) + ((h * 60 + m) * 60 + s) * 1000 + draw(3) - 1;
  }
  return any;
}

// A usage in our classes, of those that the package prices at this instant.
function usageOf(model, prices) {
  const usage = {};
  const count = () => pick([draw(10), draw(10_000), draw(1_000_000)]);
  const classes = { input: 'input_mtok', output: 'output_mtok', cache_write_5m: 'cache_write_mtok',
    cache_write_1h: 'cache_write_1h_mtok', input_audio: 'input_audio_mtok',
    output_audio: 'output_audio_mtok' };
  for (const [ours, theirs] of Object.entries(classes))
    if (prices[theirs] !== undefined && draw(10) < 7) usage[ours] = count();
  // Without a rate of its own the package bills cached input as input; so do we.
  if (prices.input_mtok !== undefined && draw(10) < 7) usage.cached_input = count();
  if (prices.input_audio_mtok !== undefined && prices.cache_audio_read_mtok !== undefined && draw(2))
    usage.cached_input_audio = count();
  if (prices.web_searches_kcount !== undefined && !ownFees.has(model.id) && draw(3) === 0)
    usage.web_search = draw(10);
  const starts = Object.values(prices).flatMap((p) => (p.tiers ?? []).map((tier) => tier.start));
  if (starts.length && draw(10) < 4) {
    for (const name of Object.keys(usage))
      if (name.includes('input') || name.startsWith('cache')) delete usage[name];
    const edge = pick(starts) + draw(3) - 1;
    usage.cached_input = draw(edge);
    usage.input = edge - usage.cached_input;
  }
  return usage;
}

function theirUsage(u) {
  const n = (name) => u[name] ?? 0;
  return {
    input_tokens: n('input') + n('cached_input') + n('cache_write_5m') + n('cache_write_1h') +
      n('input_audio') + n('cached_input_audio'),
    cache_read_tokens: n('cached_input') + n('cached_input_audio'),
    cache_write_tokens: n('cache_write_5m') + n('cache_write_1h'),
    cache_write_1h_tokens: n('cache_write_1h'),
    input_audio_tokens: n('input_audio') + n('cached_input_audio'),
    cache_audio_read_tokens: n('cached_input_audio'),
    cache_audio_write_tokens: 0,
    output_tokens: n('output') + n('output_audio'),
    output_audio_tokens: n('output_audio'),
    web_searches: n('web_search'),
  };
}

// A price that is no whole number of pico-USD stands in the book rounded up: that much more.
function roundingNanos(prices, usage) {
  const tokens = Object.entries(usage).reduce((sum, [, count]) => sum + count, 0);
  const whole = (usd) => Math.abs(usd * 1e6 - Math.round(usd * 1e6)) < 1e-4;
  const all = Object.values(prices).flatMap((p) =>
    typeof p === 'object' ? [p.base, ...p.tiers.map((tier) => tier.price)] : [p]);
  return all.every(whole) ? 0 : tokens / 1000;
}

const questions = [];
const asked = [];
const skipped = { byHand: [], noName: [] };
for (const model of book.models) {
  const slash = model.id.indexOf('/');
  const provider = model.id.slice(0, slash);
  const theirs = THEIR_PROVIDER[provider] ?? provider;
  if (model.source) {
    skipped.byHand.push(model.id);
    continue;
  }
  const names = namesOf(model, theirs);
  if (names.length === 0) {
    skipped.noName.push(model.id);
    continue;
  }
  for (let i = 0; i < USAGES_PER_MODEL; ++i) {
    const name = pick(names);
    const at = instantOf(model);
    const options = { providerId: theirs, timestamp: new Date(at) };
    const prices = calcPrice({ input_tokens: 0 }, name, options).model_price;
    const usage = usageOf(model, prices);
    const price = calcPrice(theirUsage(usage), name, options);
    questions.push(JSON.stringify({ provider, model: name, at_ms: at, usage }));
    asked.push({ id: model.id, nanos: price.total_price * 1e9, extra: roundingNanos(prices, usage) });
  }
}

// Every name that the package lists must mean the same model here, or have no price at all.
const equals = (clause) =>
  clause.equals !== undefined ? [clause.equals] : (clause.or ?? []).flatMap(equals);
const inBook = new Set(book.models.map((model) => model.id));
const listed = [];
for (const provider of new Set(book.models.map((model) => model.id.split('/')[0]))) {
  const theirs = THEIR_PROVIDER[provider] ?? provider;
  for (const model of findProvider({ providerId: theirs })?.models ?? [])
    for (const name of equals(model.match)) {
      const found = calcPrice({ input_tokens: 1 }, name, { providerId: theirs });
      listed.push({ name, id: `${provider}/${found.model.id}` });
      questions.push(JSON.stringify({ provider, model: name, at_ms: 0, usage: { input: 0 } }));
    }
}

const done = spawnSync(program, [bookFile], {
  input: questions.join('\n') + '\n', encoding: 'utf8', maxBuffer: 1 << 28 });
if (done.status !== 0) {
  console.error(`differential: ${program} failed: ${done.stderr || done.error}`);
  process.exit(1);
}
const answers = done.stdout.trimEnd().split('\n');
let wrong = 0;
let without = 0;
for (const [i, { name, id }] of listed.entries()) {
  const answer = (answers[asked.length + i] ?? 'nothing').split(' ').pop();
  if (answer === 'no_price') ++without;
  else if (answer !== id && ++wrong <= 10)
    console.error(`${name}: the package means ${id}, Purser ${answer}`);
  if (answer === 'no_price' && inBook.has(id)) console.error(`note: ${name} of ${id} has no price here`);
}
let dear = 0;
for (let i = 0; i < asked.length; ++i) {
  const [nanos, id] = (answers[i] ?? 'nothing').split(' ');
  const { nanos: theirs, extra } = asked[i];
  const off = Number(nanos) - theirs;  // we round up: never below, but for their doubles
  const ulps = 1e-9 * theirs;
  if (id === asked[i].id && off >= -1e-6 - ulps && off <= 1 + ulps + extra) {
    dear += theirs > 1e9 ? 1 : 0;
    continue;
  }
  if (++wrong <= 10)
    console.error(`${questions[i]}\n  the package says ${theirs} nanos for ${asked[i].id}, Purser says ${answers[i]}`);
}
console.log(`differential: ${listed.length} names, ${without} of them left out;` +
  ` ${new Set(asked.map((a) => a.id)).size} models, ${asked.length} usages ` +
  `(${dear} above USD 1), ${wrong} differ, seed ${seed}; not compared: ` +
  `${skipped.byHand.length} models kept by hand, ${skipped.noName.length} whose names the package lacks` +
  (skipped.noName.length ? ` (${skipped.noName.join(', ')})` : ''));
process.exit(wrong || asked.length < 100_000 || answers.length !== questions.length ? 1 : 0);
