import { describe, expect, it } from 'vitest';
import type { Change, Status } from '../../src/engine/types.ts';
import { CrcError } from '../../src/errors.ts';
import { annotations } from '../../src/ui/annotations.ts';
import { planMarkdown } from '../../src/ui/markdown.ts';
import type { ExplainedFinding } from '../../src/ui/view.ts';
import { findingOf } from '../helpers/views.ts';

const run = {
  command: 'verify',
  accountId: '123456789012',
  region: 'eu-west-2',
  apiCalls: { read: 1, write: 0 },
  durationMs: 1,
};

function view(
  id: string,
  status: Status,
  changes: readonly Change[] = [],
  more: Partial<ExplainedFinding> = {},
): ExplainedFinding {
  return findingOf(id, status, changes, { name: 'R', ...more });
}

const error = new CrcError('a | b\nc', { hint: 'Ask *them*.' });
const views = [
  view('oidc-provider', 'in-sync'),
  view('state-bucket', 'absent', [{ kind: 'create' }]),
  view('role/A', 'drifted', [{ kind: 'update', path: 'a', live: 1, want: 2 }], { needs: ['oidc-provider'] }),
  view('role/B', 'conflict', [{ kind: 'conflict', path: 'b', live: null, want: 'x', why: 'not yours' }]),
  view('role/C', 'unread', [], { error }),
];

describe('Markdown report', () => {
  it('says all that can be done about what could not be read', () => {
    const { message, hint } = error;
    const unread = new CrcError(message, { hint, alternatives: ['Or ask me.', 'Or wait.'] });
    expect(planMarkdown(run, [view('role/C', 'unread', [], { error: unread })])).toContain(
      'could not be read. Ask \\*them\\*. Or ask me. Or wait.\n',
    );
  });

  it('shows differences, next steps, all resources, and a diagram, and escapes pipes and line breaks', () => {
    expect(planMarkdown(run, views)).toMatchInlineSnapshot(`
      "### crc verify: account 123456789012, eu-west-2

      **Drift detected in 3 of 5 resources; 1 of 5 resources could not be read.**

      | resource | status | path | live | expected | why |
      | --- | --- | --- | --- | --- | --- |
      | \`state-bucket\` | not found |  |  |  |  |
      | \`role/A\` | drifted | \`a\` | 1 | 2 |  |
      | \`role/B\` | in conflict | \`b\` | none | x | not yours |
      | \`role/C\` | could not be read |  |  |  | a \\| b\\\\nc |

      **What to do next**

      - \`crc bootstrap --dry-run\` shows how crc would fix this, and \`crc bootstrap\` fixes it. If the config is out of date, change the config.
      - Conflicts are never overwritten. Each one explains why, and how to resolve it.
      - \`role/C\` could not be read. Ask \\*them\\*.

      <details>
      <summary>All resources</summary>

      | resource | status | path | live | expected | why |
      | --- | --- | --- | --- | --- | --- |
      | \`oidc-provider\` | in sync |  |  |  |  |
      | \`state-bucket\` | not found |  |  |  |  |
      | \`role/A\` | drifted | \`a\` | 1 | 2 |  |
      | \`role/B\` | in conflict | \`b\` | none | x | not yours |
      | \`role/C\` | could not be read |  |  |  | a \\| b\\\\nc |

      </details>

      \`\`\`mermaid
      flowchart LR
        r0["oidc-provider<br>in sync"]:::insync
        r1["state-bucket<br>not found"]:::absent
        r2["role/A<br>drifted"]:::drifted
        r3["role/B<br>in conflict"]:::conflict
        r4["role/C<br>could not be read"]:::unread
        r0 --> r2
        classDef insync fill:#dafbe1,stroke:#1a7f37,color:#1f2328
        classDef absent fill:#ddf4ff,stroke:#0969da,color:#1f2328
        classDef drifted fill:#fff8c5,stroke:#9a6700,color:#1f2328
        classDef conflict fill:#ffebe9,stroke:#cf222e,color:#1f2328
        classDef unread fill:#ffebe9,stroke:#cf222e,color:#1f2328,stroke-dasharray:4
      \`\`\`"
    `);
  });

  it('of an account in sync suggests no next step', () => {
    const text = planMarkdown(run, [view('role/A', 'in-sync')]);
    expect(text).toContain('**No drift detected.**');
    expect(text).not.toContain('What to do next');
  });

  it('shows values unchanged, whatever their characters mean in Markdown', () => {
    const live = 'repo:a/b:*, repo:c/d:* <b> `x` [y](z) a\\|b';
    const changes: Change[] = [{ kind: 'remove', path: 'inlinePolicies', live, want: null }];
    const text = planMarkdown(run, [view('role/R', 'drifted', changes)]);
    expect(text).toContain(
      '| `role/R` | drifted | `inlinePolicies` | repo:a/b:\\*, repo:c/d:\\* \\<b> \\`x\\` \\[y](z) a\\\\\\|b | none |  |',
    );
    expect(text).toContain('`crc bootstrap --prune` removes them');
  });

  it('shows differences between policies with their statement', () => {
    const policy = (Resource: string) => ({ Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource }] });
    const changes: Change[] = [{ kind: 'update', path: 'policy', live: policy('*'), want: policy('arn:b') }];
    expect(planMarkdown(run, [view('role/R', 'drifted', changes)])).toContain(
      '| `role/R` | drifted | `policy` | Allow s3:GetObject<br>on \\* | Allow s3:GetObject<br>on arn:b |  |',
    );
  });

  it('lists warnings, also of resources in sync', () => {
    const text = planMarkdown(run, [view('role/A', 'in-sync', [], { warnings: ['`*` is open'] })]);
    expect(text).toContain('**Warnings**\n\n- `role/A`: \\`\\*\\` is open\n');
  });

  it('draws at most 40 resources, and if there are more, only those that differ', () => {
    const many = Array.from({ length: 1_000 }, (_, index) => view(`role/R${index}`, index < 3 ? 'drifted' : 'in-sync'));
    const diagram = planMarkdown(run, many).split('```mermaid')[1] ?? '';
    expect(diagram.match(/^ {2}r\d+\[/gm)).toHaveLength(3);
    expect(diagram).toContain('997 more');
    const allAbsent = many.map(({ id }) => view(id, 'absent'));
    expect(
      planMarkdown(run, allAbsent)
        .split('```mermaid')[1]
        ?.match(/^ {2}r\d+\[/gm),
    ).toHaveLength(40);
  });

  it('keeps every name inside its label', () => {
    expect(planMarkdown(run, [view('role/a"]; click x "y', 'in-sync')])).toContain(
      '["role/a____click_x__y<br>in sync"]',
    );
  });
});

describe('annotations of GitHub', () => {
  it('are a line for each resource that is not in sync', () => {
    expect(annotations(views)).toEqual([
      '::warning title=crc verify%3A state-bucket not found::not found',
      '::warning title=crc verify%3A role/A drifted::a: 1 (expected 2)',
      '::error title=crc verify%3A role/B in conflict::b: none (expected x)',
      '::error title=crc verify%3A role/C could not be read::a | b\\nc Ask *them*.',
    ]);
  });

  it('say all that can be done', () => {
    const unread = new CrcError('It failed.', { hint: 'Fix it.', alternatives: ['Or ask.'] });
    expect(annotations([view('role/C', 'unread', [], { error: unread })])[0]).toMatch(
      /::It failed\. Fix it\. Or ask\.$/,
    );
  });

  it('are a line for each warning, also of resources in sync', () => {
    expect(annotations([view('role/A', 'in-sync', [], { warnings: ['open: 50%'] })])).toEqual([
      '::warning title=crc verify%3A role/A::open: 50%25',
    ]);
  });

  it('do not let a value start a workflow command', () => {
    const changes: Change[] = [{ kind: 'update', path: 'a', live: 'x\n::set-env name=A::b', want: '50%' }];
    const [line = ''] = annotations([view('role/A,b:c', 'drifted', changes)]);
    expect(line.split('\n')).toHaveLength(1);
    expect(line).toBe(
      '::warning title=crc verify%3A role/A%2Cb%3Ac drifted::a: x\\n::set-env name=A::b (expected 50%25)',
    );
  });
});
