/** Runs the tests of the Python handler, or prints why it cannot; with CRC_REQUIRE=moto that is an error. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const handler = fileURLToPath(new URL('../functions/increment-visits/python', import.meta.url));
const tests = fileURLToPath(new URL('../test/python', import.meta.url));
const python = process.platform === 'win32' ? 'python' : 'python3';

/** A machine without AWS credentials: only a region is set. */
const env = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'))),
  AWS_DEFAULT_REGION: 'eu-west-2',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  PYTHONPATH: handler,
};

if (spawnSync(python, ['-c', 'import boto3, moto']).status === 0) {
  const runs = [handler, tests].map((cwd) =>
    spawnSync(python, ['-B', '-m', 'unittest', 'discover', '-v', '-p', '*test*.py'], { cwd, env, stdio: 'inherit' }),
  );
  process.exitCode = runs.every(({ status }) => status === 0) ? 0 : 1;
} else {
  process.stderr.write(
    `NOT RUN: the tests of the Python handler need ${python} with Moto and boto3. Get them: pip install 'moto[dynamodb]>=5,<6'\n`,
  );
  if ((process.env.CRC_REQUIRE ?? '').split(',').includes('moto')) process.exitCode = 1;
}
