import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import ROUTES from '../../src/terraform/permissions/log/routes.json' with { type: 'json' };
import { actionNames, RENAMED } from '../../src/terraform/permissions/operations.ts';
import { readReference } from '../../src/terraform/permissions/reference.ts';
import { prefixOf } from '../../src/terraform/permissions/services.ts';
import { recorded, recordedNames } from '../terraform/permissions/calls.ts';

const PAGE = new URL('../../docs/terraform-permissions.md', import.meta.url);

it('docs/terraform-permissions.md lists what is covered: `npm run docs` writes it', async () => {
  const page = readFileSync(PAGE, 'utf8');
  const blocks = { routed: routedServices(), covered: coveredTable(), renamed: renamedTable() };
  const generated = Object.entries(blocks).reduce((text, [name, block]) => withBlock(text, name, block), page);
  await expect(generated).toMatchFileSnapshot('../../docs/terraform-permissions.md');
});

function withBlock(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  return `${page.slice(0, page.indexOf(start) + start.length)}\n\n${text}\n\n${page.slice(page.indexOf(end))}`;
}

/** Services whose requests identify the operation only by their path. */
function routedServices(): string {
  const names = Object.values(ROUTES).flatMap((services) => Object.keys(services));
  return `S3, ${names.toSorted((a, b) => a.localeCompare(b, 'en')).join(', ')}.`;
}

/** Operations that real Terraform has called, by the service's IAM prefix. */
function coveredTable(): string {
  const reference = readReference();
  const byPrefix = new Map<string, Set<string>>();
  for (const call of recordedNames().flatMap((name) => recorded(name).calls)) {
    const prefix = prefixOf(call, reference) ?? call.service;
    // For API Gateway the action is the HTTP method, whatever the operation.
    const operations = prefix === 'apigateway' ? actionNames(prefix, '', call.request.method) : [call.operation];
    byPrefix.set(prefix, new Set([...(byPrefix.get(prefix) ?? []), ...operations]));
  }
  const rows = [...byPrefix].sort(([a], [b]) => (a < b ? -1 : 1));
  return table(
    ['service', 'operations'],
    rows.map(([prefix, operations]) => [`\`${prefix}\``, [...operations].sort().join(', ')]),
  );
}

function renamedTable(): string {
  return table(
    ['operation', 'action'],
    Object.entries(RENAMED)
      .map(([name, actions]) => [name.split(':'), actions] as const)
      .filter(([[, operation], actions]) => actions.length > 1 || actions[0] !== operation)
      .map(([[prefix, operation], actions]) => [
        `${prefix} ${operation}`,
        actions.map((action) => `\`${prefix}:${action}\``).join(', '),
      ]),
  );
}

/** A table with aligned columns, formatted as Biome does. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}
