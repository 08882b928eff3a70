import { expect, it } from 'vitest';
import { userName } from '../../../src/terraform/state/hold.ts';

it('the holder of a lock has the name of the user, or none if the system does not know the user', () => {
  expect(userName(() => ({ username: 'alice' }))).toBe('alice');
  // As in `docker run --user 1234`.
  const unknown = () => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT (no such file or directory)');
  };
  expect(userName(unknown)).toBe('');
});
