import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { type StateVersionView, stateHistoryText } from '../../src/ui/state-versions.ts';
import { type StateView, stateListText } from '../../src/ui/states.ts';

const STATE: StateView = {
  key: 'resume/terraform.tfstate',
  workspace: 'default',
  serial: 3,
  resources: 12,
  size: 2_300,
  modified: '2026-11-26T06:48:00.000Z',
  terraformVersion: '1.11.4',
  lock: null,
  otherLocks: [],
  declared: true,
  digest: 'match',
  kind: 'state',
};

const VERSION: StateVersionView = {
  versionId: 'L4kqtJlcpXroDTDmpUMLUo.HSKOKLHJk',
  serial: 3,
  lineage: 'a',
  terraformVersion: '1.11.4',
  resources: 12,
  modified: '2026-11-26T06:48:00.000Z',
  latest: true,
  deleted: false,
  retainedUntil: '2026-12-01T06:48:00.000Z',
  size: 2_300,
};

/** Output for a terminal and for a file. */
const [terminal, file] = [
  { color: false, columns: 80 },
  { color: false, columns: undefined },
];
const widest = (text: string) => Math.max(...text.split('\n').map((line) => line.length));

describe('the list of states', () => {
  it('has one line for each if there is room', () => {
    expect(stateListText({ states: [STATE], deleted: [], locks: [] }, file)).toBe(
      [
        'STATE                     SERIAL  RESOURCES  SIZE  CHANGED               TERRAFORM',
        'resume/terraform.tfstate       3         12  2 kB  2026-11-26 06:48 UTC  1.11.4',
      ].join('\n'),
    );
  });

  it('has columns below each other, whatever the width of a character', () => {
    const wide = { ...STATE, key: '東京/サイト/🗼.tfstate' };
    const [head = '', , line = ''] = stateListText({ states: [STATE, wide], deleted: [], locks: [] }, file).split('\n');
    const columnsBefore = (text: string, cell: string) => stringWidth(text.slice(0, text.indexOf(cell)));
    expect(columnsBefore(line, '2026-')).toBe(columnsBefore(head, 'CHANGED'));
    const linesIn = (columns: number) =>
      stateListText({ states: [wide], deleted: [], locks: [] }, { color: false, columns }).split('\n').length;
    expect([linesIn(80), linesIn(79)]).toEqual([2, 4]);
  });

  it('has each name above its line in 80 columns, and notes below', () => {
    const lock = { id: 'a', who: 'ann@laptop', operation: 'OperationTypeApply', created: '2026-11-26T06:40:00Z' };
    const locked = { ...STATE, lock, otherLocks: [{ ...lock, id: 'b', who: 'bob@laptop' }] };
    const deleted = [{ key: 'old.tfstate', workspace: 'default', versions: 1 }];
    const locks = [{ key: 'new.tfstate', workspace: 'dev', ...lock, id: 'c' }];
    const text = stateListText({ states: [locked], deleted, locks }, terminal);
    expect(text).toBe(
      [
        'STATE',
        '  SERIAL  RESOURCES  SIZE  CHANGED               TERRAFORM',
        'resume/terraform.tfstate',
        '       3         12  2 kB  2026-11-26 06:48 UTC  1.11.4',
        '  locked by ann@laptop since 2026-11-26T06:40:00Z (apply, lock ID a)',
        '  also locked by bob@laptop since 2026-11-26T06:40:00Z (apply, lock ID b)',
        '',
        'new.tfstate (workspace dev) is locked by ann@laptop since 2026-11-26T06:40:00Z (apply, lock ID c); it has no state.',
        'old.tfstate was deleted; 1 version of it can be restored.',
      ].join('\n'),
    );
  });
});

describe('the history of a state', () => {
  const marker = { ...VERSION, versionId: 'm', serial: null, lineage: null, deleted: true, retainedUntil: null };
  const other = { ...VERSION, versionId: 'o', serial: 2, lineage: 'b', latest: false };

  it('fits 80 columns, with the version id below each line', () => {
    const text = stateHistoryText(STATE, [marker, VERSION, other], terminal);
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(text).toBe(
      [
        'resume/terraform.tfstate',
        '     SERIAL  RESOURCES  WRITTEN               TERRAFORM  KEPT UNTIL',
        '    VERSION',
        '    deleted             2026-11-26 06:48 UTC',
        '    m',
        '~0        3         12  2026-11-26 06:48 UTC  1.11.4     2026-12-01 06:48 UTC',
        '    L4kqtJlcpXroDTDmpUMLUo.HSKOKLHJk',
        '~1        2         12  2026-11-26 06:48 UTC  1.11.4     2026-12-01 06:48 UTC',
        '    o',
        '    of another lineage: b',
      ].join('\n'),
    );
  });

  it('has one line for each version in a file', () => {
    const lines = stateHistoryText(STATE, [VERSION], file).split('\n');
    expect(lines.at(-1)).toBe(
      '~0       3         12  2026-11-26 06:48 UTC  1.11.4     2026-12-01 06:48 UTC  L4kqtJlcpXroDTDmpUMLUo.HSKOKLHJk',
    );
  });
});
