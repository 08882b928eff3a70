import { beforeEach, expect, it } from 'vitest';
import { describeWith } from '../helpers/require.ts';
import { KEY, lockInfo } from '../helpers/state-bench.ts';
import { useStateProject } from '../helpers/state-project.ts';
import { answering } from '../recorded/script.ts';
import { SECRET, secretState } from '../terraform/state/states.ts';

const BROKEN = 'broken.tfstate';

/** All state commands, for an intact state and for one that is truncated within a secret. */
const COMMANDS: readonly (readonly string[])[] = [
  ['list'],
  ['history', KEY],
  ['history', BROKEN],
  ['diff', KEY],
  ['diff', KEY, '1', '3'],
  ['diff', BROKEN, '~0', '~1'],
  ['check'],
  ['check', '--fix', '--yes'],
  ['restore', KEY, '~1', '--yes'],
  ['restore', BROKEN, '~0', '--yes'],
  ['restore', BROKEN, '~1', '--yes'],
  ['restore', KEY, 'nothing', '--yes'],
  ['unlock', KEY],
  ['unlock', KEY, '--force', 'lock-1'],
];

describeWith('moto', 'a state full of secrets', () => {
  const { lockItem, proxy, put, putDigest, putObject, run } = useStateProject();
  beforeEach(async () => {
    for (const serial of [1, 2, 3]) await put(secretState(serial));
    await put(secretState(1), BROKEN);
    await putObject(`{"version": 4, "outputs": {"a": {"value": "${SECRET}`, BROKEN);
    await putDigest('0'.repeat(32), BROKEN);
  });

  it.each([[[]], [['--json']], [['--verbose']], [['--no-color', '--verbose']]])(
    'is in no output of any command, with %j',
    async (flags) => {
      const outputs: string[] = [];
      for (const args of COMMANDS) {
        if (args[0] === 'unlock') await lockItem(lockInfo('lock-1'));
        for (const failing of [false, true]) {
          // The state is sent to S3, which denies the request.
          if (failing) proxy().intercept = answering({ call: 's3:PutObject', situation: 'denied' });
          const { stdout, stderr } = await run('state', ...args, ...flags);
          outputs.push(stdout, stderr);
          proxy().intercept = async () => 'pass';
        }
      }
      const all = outputs.join('\n');
      expect(all).toContain('aws_db_instance.main');
      expect(all).not.toContain(SECRET);
      expect(all).not.toContain(Buffer.from(SECRET).toString('base64').slice(0, 20));
    },
  );
});
