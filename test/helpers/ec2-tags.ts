/** Sends a request to the emulator's EC2 as an administrator. */
async function ec2(endpoint: string, region: string, fields: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      authorization: `AWS4-HMAC-SHA256 Credential=testing/20260101/${region}/ec2/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams({ Version: '2016-11-15', ...fields }),
  });
  return await response.text();
}

/** The tags of an EC2 resource as condition keys, `aws:ResourceTag/KEY`. */
export async function resourceTags(endpoint: string, region: string, id: string): Promise<Record<string, string>> {
  const answer = await ec2(endpoint, region, {
    Action: 'DescribeTags',
    'Filter.1.Name': 'resource-id',
    'Filter.1.Value.1': id,
  });
  const tags = [...answer.matchAll(/<key>([^<]*)<\/key>|<value>([^<]*)<\/value>/g)];
  const keys = tags.flatMap(([, key]) => (key === undefined ? [] : [key]));
  const values = tags.flatMap(([, , value]) => (value === undefined ? [] : [value]));
  return Object.fromEntries(keys.map((key, index) => [`aws:ResourceTag/${key}`, values[index] ?? '']));
}

/** The route table and the subnet of a route table association. */
export async function associationEnds(endpoint: string, region: string, id: string): Promise<Record<string, string>> {
  const answer = await ec2(endpoint, region, {
    Action: 'DescribeRouteTables',
    'Filter.1.Name': 'association.route-table-association-id',
    'Filter.1.Value.1': id,
  });
  const association = new RegExp(`<item>(?:(?!<item>).)*${id}.*?</item>`, 's').exec(answer)?.[0] ?? '';
  return {
    'route-table': /<routeTableId>([^<]*)</.exec(association)?.[1] ?? 'unknown',
    subnet: /<subnetId>([^<]*)</.exec(association)?.[1] ?? 'unknown',
  };
}
