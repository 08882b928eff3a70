import type { Resource } from '../engine/resource.ts';
import { exportHcl, leftOut } from '../terraform/export.ts';
import type { Io } from '../ui/io.ts';
import { exportDocument } from '../ui/json.ts';
import type { ExportOptions } from './definitions/export.ts';
import { endpointOf } from './endpoint.ts';
import { withConnection } from './frame.ts';
import { whenSaving } from './next.ts';
import { resourcesAt } from './session.ts';

/** Prints all resources as Terraform code that imports them. At most, looks up the account. */
export async function exportToTerraform(options: ExportOptions, io: Io): Promise<number> {
  return await withConnection({ command: 'export', options, io }, async (connection) => {
    const { accountId = await connection.identity(), region } = connection.config;
    const resources = await resourcesAt(connection, accountId);
    const hcl = exportHcl({ resources, region, accountId, pathStyle: endpointOf(options, io) !== undefined });
    return {
      exitCode: 0,
      document: () => exportDocument(hcl),
      text: () => hcl,
      asIs: true,
      aside: leftOutNotes(resources),
      next: whenSaving('`crc export > main.tf` saves it. Then run `terraform init` and `terraform plan`.', io),
    };
  });
}

function leftOutNotes(resources: readonly Resource[]): string {
  return [...leftOut(resources)]
    .map(([why, names]) => `note: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} not exported: ${why}\n`)
    .join('');
}
