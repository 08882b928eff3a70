/**
 * `npm run set-repository OWNER/NAME`: writes repository, homepage and bugs to package.json. Run it once before the
 * first release; scripts/check-release.mjs rejects a package without them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { addressesOf } from './repository.mjs';

const FILE = new URL('../package.json', import.meta.url);
const [repository] = process.argv.slice(2);

if (repository === undefined) {
  process.stderr.write('Usage: npm run set-repository OWNER/NAME\n');
  process.exitCode = 1;
} else {
  const { name, version, description, keywords, homepage: _, bugs: __, repository: ___, ...rest } = read();
  const fields = { name, version, description, keywords, ...addressesOf(repository), ...rest };
  writeFileSync(FILE, `${JSON.stringify(fields, null, 2)}\n`);
  process.stdout.write(`package.json: repository, homepage and bugs now point to https://github.com/${repository}\n`);
}

function read() {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}
