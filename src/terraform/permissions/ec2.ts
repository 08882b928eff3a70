import { filled } from './arns.ts';
import type { ResourceType } from './reference.ts';
import type { Subject, Target } from './subject.ts';

/**
 * Types by id prefix (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html). Calls refer to resources
 * by ids that AWS assigns, so a statement can only name the type.
 */
const TYPES: Readonly<Record<string, string>> = {
  acl: 'network-acl',
  ami: 'image',
  cgw: 'customer-gateway',
  dopt: 'dhcp-options',
  eigw: 'egress-only-internet-gateway',
  eipalloc: 'elastic-ip',
  eni: 'network-interface',
  fl: 'vpc-flow-log',
  i: 'instance',
  igw: 'internet-gateway',
  key: 'key-pair',
  lt: 'launch-template',
  nat: 'natgateway',
  pcx: 'vpc-peering-connection',
  pl: 'prefix-list',
  rtb: 'route-table',
  sg: 'security-group',
  sgr: 'security-group-rule',
  snap: 'snapshot',
  subnet: 'subnet',
  tgw: 'transit-gateway',
  'tgw-attach': 'transit-gateway-attachment',
  'tgw-rtb': 'transit-gateway-route-table',
  vgw: 'vpn-gateway',
  vol: 'volume',
  vpc: 'vpc',
  vpce: 'vpc-endpoint',
  'vpce-svc': 'vpc-endpoint-service',
  vpn: 'vpn-connection',
};

/** For associations between two resources, whose id names neither: both types. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  aclassoc: ['network-acl', 'subnet'],
  eipassoc: ['elastic-ip', 'instance', 'network-interface'],
  rtbassoc: ['route-table', 'subnet'],
  'subnet-cidr-assoc': ['subnet'],
  'vpc-cidr-assoc': ['vpc'],
};

/** The type of an id such as `vpc-0123456789abcdef0`. */
export function ec2TypeOf(value: string): string | undefined {
  return TYPES[prefixOfId(value)];
}

function prefixOfId(value: string): string {
  return /^([a-z]+(?:-[a-z]+)*)-[0-9a-f]{8,}$/.exec(value)?.[1] ?? '';
}

/** The types of the resources that a text refers to, if it is an id. */
function typesOf(value: string): readonly string[] {
  const type = ec2TypeOf(value);
  return type === undefined ? (LINKS[prefixOfId(value)] ?? []) : [type];
}

/** The types that every call of the action has, and those whose ids or tags are in the request. */
export function ec2Resources({ action, values, where, names }: Subject): readonly Target[] {
  const mentioned = new Set(
    values.all.flatMap(({ key, value }) => (key === 'ResourceType' ? [value] : typesOf(value))),
  );
  const [keyName] = values.named('KeyName');
  if (keyName !== undefined) mentioned.add('key-pair');
  const types = action.resourceTypes.filter(({ name, required }) => required || mentioned.has(name));
  const ofAny = types.length > 0 ? types : action.resourceTypes;
  return ofAny.flatMap((type) =>
    type.arns.map((pattern) => ({
      arn: filled(pattern, where, (variable) =>
        variable === 'KeyPairName' && keyName !== undefined ? names.value(variable, keyName) : '*',
      ),
      tagged: isTaggable(type, values.all),
    })),
  );
}

/** A resource that the call creates has no tags to check yet. */
function isTaggable({ name, tagged }: ResourceType, all: Subject['values']['all']): boolean {
  return tagged && all.some(({ value }) => typesOf(value).includes(name));
}
