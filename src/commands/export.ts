import { bucketArn, providerArn } from '../aws/names.ts';
import { withTlsOnly } from '../policies/bucket.ts';
import { documentsOf } from '../resources/index.ts';
import { wantedTags } from '../resources/tags.ts';
import { exportHcl } from '../terraform/export.ts';
import type { Io } from '../ui/io.ts';
import { exportDocument } from '../ui/json.ts';
import { connect } from './connection.ts';
import type { ExportOptions } from './definitions/export.ts';
import { endpointOf } from './endpoint.ts';
import { withInterruption } from './interruption.ts';
import { resourcesAt } from './session.ts';

/** Prints bucket, table, provider and roles as Terraform code that imports them. Asks AWS for the account alone, if at all. */
export async function exportToTerraform(options: ExportOptions, io: Io): Promise<number> {
  return await withInterruption(io, async (signal) => {
    const connection = await connect({ command: 'export', options, io, signal });
    const { config } = connection;
    const accountId = config.accountId ?? (await connection.identity());
    const place = { accountId, region: config.region };
    const resources = await resourcesAt(connection, accountId, signal);
    const hcl = exportHcl({
      config,
      accountId,
      tags: wantedTags(config),
      bucketPolicy: withTlsOnly(undefined, bucketArn(place, config.stateBucket.name)),
      providerArn: providerArn(place, config.oidcProvider.url),
      documents: (role) => documentsOf(config, role, resources, place),
      pathStyle: endpointOf(options, io) !== undefined,
    });
    io.out(options.json ? `${exportDocument(hcl)}\n` : hcl);
    const left = config.functions.map(({ name }) => name);
    if (left.length > 0 && !options.json) {
      io.err(
        `note: ${left.join(', ')} is left out: the AWS provider cannot express the condition of a URL's second permission, and without it anybody could invoke the function\n`,
      );
    }
    return 0;
  });
}
