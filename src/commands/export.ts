import { bucketArn, providerArn } from '../aws/names.ts';
import type { Config } from '../config/schema.ts';
import { withTlsOnly } from '../policies/bucket.ts';
import { documentsOf } from '../resources/index.ts';
import { wantedTags } from '../resources/tags.ts';
import { exportHcl } from '../terraform/export.ts';
import type { Io } from '../ui/io.ts';
import { exportDocument } from '../ui/json.ts';
import type { ExportOptions } from './definitions/export.ts';
import { endpointOf } from './endpoint.ts';
import { withConnection } from './frame.ts';
import { whenSaving } from './next.ts';
import { resourcesAt } from './session.ts';

/** Prints bucket, table, provider and roles as Terraform code that imports them. Asks AWS for the account alone, if at all. */
export async function exportToTerraform(options: ExportOptions, io: Io): Promise<number> {
  return await withConnection({ command: 'export', options, io }, async (connection) => {
    const { config } = connection;
    const accountId = config.accountId ?? (await connection.identity());
    const place = { accountId, region: config.region };
    const resources = await resourcesAt(connection, accountId);
    const hcl = exportHcl({
      config,
      accountId,
      tags: wantedTags(config),
      bucketPolicy: withTlsOnly(undefined, bucketArn(place, config.stateBucket.name)),
      providerArn: providerArn(place, config.oidcProvider.url),
      documents: (role) => documentsOf(config, role, resources, place),
      pathStyle: endpointOf(options, io) !== undefined,
    });
    return {
      exitCode: 0,
      document: () => exportDocument(hcl),
      text: () => hcl,
      asIs: true,
      aside: leftOut(config),
      next: whenSaving('`crc export > main.tf` saves it. Then run `terraform init` and `terraform plan`.', io),
    };
  });
}

function leftOut({ functions }: Config): string {
  if (functions.length === 0) return '';
  const names = functions.map(({ name }) => name).join(', ');
  return `note: ${names} is not exported: the AWS provider cannot express the condition of the URL's second permission, and without it anyone could invoke the function\n`;
}
