import { isJsonList, isJsonObject, type Json } from '../../json.ts';
import { filled } from './arns.ts';
import type { StateResource } from './call.ts';
import type { Grant, Subject } from './subject.ts';

/**
 * What AWS checks of an Auto Scaling group or a node group with a launch template, as if its creator launched the
 * instances. https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-api-permissions.html,
 * https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html
 */
export function launchTemplateGrants(subject: Subject, state: readonly StateResource[]): readonly Grant[] {
  const { action, values, where, reference } = subject;
  if (!OF_GROUP.test(action.name) || namedTemplates(subject).length === 0) return [];
  const templates = templatesOf(subject, state);
  const mayHaveKey = templates.length === 0 || templates.some(({ key_name: name }) => (name ?? '') !== '');
  const launched = [
    ...LAUNCHED,
    ...(mayHaveKey ? ['key-pair'] : []),
    ...(values.named('PlacementGroup').length > 0 ? ['placement-group'] : []),
  ];
  const tagged = templates.flatMap(({ tag_specifications: given }) =>
    entriesOf(given).map(({ resource_type: type }) => type),
  );
  // One that is not in the state may set tags, and EKS sets its own.
  const mayHaveTags = templates.length === 0 || action.name.startsWith('eks:');
  const arns = (type: string) => reference.arns('ec2', type).map((pattern) => filled(pattern, where, () => '*'));
  return [
    ...launched.flatMap(arns).map((resource) => ({ action: 'ec2:RunInstances', resource, byRule: true })),
    ...[...new Set([...tagged, ...(mayHaveTags ? TAGGED : [])])].flatMap((type) =>
      (typeof type === 'string' ? arns(type) : []).map((resource) => ({
        action: 'ec2:CreateTags',
        resource,
        condition: { StringEquals: { 'ec2:CreateAction': 'RunInstances' } },
        byRule: true,
      })),
    ),
  ];
}

const OF_GROUP = /^(autoscaling:(Create|Update)AutoScalingGroup|eks:(CreateNodegroup|UpdateNodegroupVersion))$/;

/** What a launch from a template concerns. */
const LAUNCHED = ['image', 'instance', 'launch-template', 'network-interface', 'security-group', 'subnet', 'volume'];

/** What can have tags in a launch from a template. */
const TAGGED = ['instance', 'network-interface', 'volume'];

const WITH_PROFILE =
  /^(ec2:(RunInstances|AssociateIamInstanceProfile|ReplaceIamInstanceProfileAssociation)|autoscaling:(Create|Update)AutoScalingGroup)$/;

/** The names of the instance profiles that a call gives to instances: its own, and those of its launch templates. */
export function givenProfiles(subject: Subject, state: readonly StateResource[]): readonly string[] {
  const { action, call } = subject;
  if (!WITH_PROFILE.test(action.name)) return [];
  const { body } = call.request;
  const inCall = Object.entries(isJsonObject(body) ? body : {}).flatMap(([key, value]) =>
    key.startsWith('IamInstanceProfile.') ? [value] : [],
  );
  const inTemplates = templatesOf(subject, state).flatMap(({ iam_instance_profile: given }) =>
    entriesOf(given).flatMap(({ arn = '', name = '' }) => [arn, name]),
  );
  return [...inCall, ...inTemplates].flatMap((given) =>
    // The last part of an ARN, behind the path.
    typeof given === 'string' && given !== '' ? [given.slice(given.lastIndexOf('/') + 1)] : [],
  );
}

/** The attributes of the launch templates in the state that a call names. */
function templatesOf(subject: Subject, state: readonly StateResource[]): readonly StateResource['attributes'][] {
  const named = namedTemplates(subject);
  return state.flatMap(({ type, attributes }) => {
    const names = [attributes.id, attributes.name].filter((name) => typeof name === 'string');
    return type === 'aws_launch_template' && names.some((name) => named.includes(name)) ? [attributes] : [];
  });
}

function namedTemplates({ call, values }: Subject): readonly string[] {
  const { body } = call.request;
  // EKS has an object with the id and the name.
  const template = isJsonObject(body) && isJsonObject(body.launchTemplate ?? null) ? body.launchTemplate : {};
  const inObject = Object.values(template ?? {}).filter((value) => typeof value === 'string');
  return [
    ...values.all.flatMap(({ key, value }) => (/^LaunchTemplate(Id|Name)$/.test(key) ? [value] : [])),
    ...inObject,
  ];
}

/** The blocks of one type in a resource's attributes. */
function entriesOf(value: Json | undefined): readonly { readonly [name: string]: Json }[] {
  return isJsonList(value) ? value.filter((entry) => isJsonObject(entry)) : [];
}
