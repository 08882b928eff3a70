/** `npm run picture`: draws the pictures in docs/ from a real run of `crc demo`. */
import { writeFileSync } from 'node:fs';
import { demoPictures } from './demo-picture.mjs';

for (const [name, picture] of Object.entries(await demoPictures())) {
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), picture);
  process.stdout.write(`docs/${name}: ${Math.round(picture.length / 1000)} kB\n`);
}
