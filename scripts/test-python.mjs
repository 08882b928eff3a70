/** Runs the tests of the Python handler, or says loudly why not; CRC_REQUIRE=moto makes that a failure. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../functions/increment-visits/python', import.meta.url));
const python = process.platform === 'win32' ? 'python' : 'python3';

if (spawnSync(python, ['-c', 'import boto3, moto']).status === 0) {
  const { status } = spawnSync(python, ['-B', '-m', 'unittest', 'discover', '-v'], { cwd: folder, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} else {
  process.stderr.write(
    `NOT RUN: the tests of the Python handler need ${python} with Moto and boto3. Get them: pip install 'moto[dynamodb]>=5,<6'\n`,
  );
  if ((process.env.CRC_REQUIRE ?? '').split(',').includes('moto')) process.exitCode = 1;
}
