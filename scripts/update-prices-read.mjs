// Prints the package's providers as JSON: node update-prices-read.mjs PACKAGE_DIR PROVIDER…
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [dir, ...ids] = process.argv.slice(2);
const { findProvider } = await import(pathToFileURL(path.resolve(dir, 'dist/index.js')));
const providers = ids.map((id) => {
  const provider = findProvider({ providerId: id });
  if (!provider) throw new Error(`the package has no provider ${id}`);
  return { id, models: provider.models };
});
process.stdout.write(JSON.stringify(providers));
