import { isArn, statementArn } from './arns.ts';
import type { Companions, Subject } from './subject.ts';

/** What AWS checks in addition to the actions of WAF, by operation. */
export const WEB_ACL_COMPANIONS: Readonly<Record<string, (subject: Subject, arn: string) => Companions>> = {
  'wafv2:CreateWebACL': ruleCompanions,
  'wafv2:UpdateWebACL': ruleCompanions,
  'wafv2:CreateRuleGroup': ruleCompanions,
  'wafv2:UpdateRuleGroup': ruleCompanions,
  'wafv2:AssociateWebACL': (subject) => associationCompanions(subject, 'associate'),
  'wafv2:DisassociateWebACL': (subject) => associationCompanions(subject, 'disassociate'),
  'wafv2:GetWebACLForResource': (subject) => associationCompanions(subject, 'read'),
  'wafv2:PutLoggingConfiguration': loggingCompanions,
};

/**
 * The rule groups and sets that the rules refer to, also in later changes; managed rule groups are in the account too.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awswafv2.html
 */
function ruleCompanions({ action, values, names, reference }: Subject, arn: string): Companions {
  const referred = values.all.filter(
    ({ key, value }) => /^arn$/i.test(key) && value.includes(':wafv2:') && isArn(value),
  );
  const isManaged = values.all.some(({ key }) => key === 'VendorName');
  const resources = [
    ...referred.map(({ value }) => statementArn(value, reference, names)),
    ...(isManaged ? [arn.replace(/\/.*$/, '/managedruleset/*/*')] : []),
  ];
  const noun = action.name.replace(/^wafv2:(Create|Update)/, '');
  return resources.flatMap((resource) =>
    ['Create', 'Update'].map((verb) => [`wafv2:${verb}${noun}`, resource] as const),
  );
}

/**
 * The rights on what a web ACL protects, by its service.
 * https://docs.aws.amazon.com/waf/latest/developerguide/security_iam_service-with-iam.html#security_iam_action-additions
 */
const ASSOCIATIONS: Readonly<
  Record<string, Readonly<Record<'associate' | 'disassociate' | 'read', readonly string[]>>>
> = {
  amplify: {
    associate: ['AssociateWebACL'],
    disassociate: ['DisassociateWebACL'],
    read: ['GetWebACLForResource'],
  },
  apigateway: { associate: ['SetWebACL'], disassociate: ['SetWebACL'], read: [] },
  apprunner: {
    associate: ['AssociateWebAcl'],
    disassociate: ['DisassociateWebAcl'],
    read: ['DescribeWebAclForService'],
  },
  appsync: {
    associate: ['AssociateWebACL', 'SetWebACL'],
    disassociate: ['DisassociateWebACL', 'SetWebACL'],
    read: ['GetWebACLForResource'],
  },
  'cognito-idp': {
    associate: ['AssociateWebACL'],
    disassociate: ['DisassociateWebACL'],
    read: ['GetWebACLForResource'],
  },
  ec2: {
    associate: ['AssociateVerifiedAccessInstanceWebAcl'],
    disassociate: ['DisassociateVerifiedAccessInstanceWebAcl'],
    read: ['GetVerifiedAccessInstanceWebAcl'],
  },
  elasticloadbalancing: {
    associate: ['CreateWebACLAssociation', 'SetWebAcl'],
    disassociate: ['DeleteWebACLAssociation', 'SetWebAcl'],
    read: ['GetLoadBalancerWebACL'],
  },
};

function associationCompanions(
  { values, names, reference }: Subject,
  step: 'associate' | 'disassociate' | 'read',
): Companions {
  return values
    .named('ResourceArn')
    .filter(isArn)
    .flatMap((arn) => {
      const service = arn.split(':')[2] ?? '';
      const resource = statementArn(arn, reference, names);
      return (ASSOCIATIONS[service]?.[step] ?? []).map((action) => [`${service}:${action}`, resource] as const);
    });
}

/**
 * What a destination of logs needs, by its service.
 * https://docs.aws.amazon.com/waf/latest/developerguide/logging-destinations.html ("Permissions" of each destination)
 */
const LOG_DELIVERY: Readonly<Record<string, readonly string[]>> = {
  logs: [
    'logs:CreateLogDelivery',
    'logs:DeleteLogDelivery',
    'logs:DescribeLogGroups',
    'logs:DescribeResourcePolicies',
    'logs:PutResourcePolicy',
  ],
  s3: ['logs:CreateLogDelivery', 'logs:DeleteLogDelivery', 's3:GetBucketPolicy', 's3:PutBucketPolicy'],
};

function loggingCompanions({ values, names, reference }: Subject): Companions {
  const destinations = values.all.filter(({ key, value }) => key === 'LogDestinationConfigs' && isArn(value));
  return destinations.flatMap(({ value }) => {
    const bucket = statementArn(value, reference, names);
    return (LOG_DELIVERY[value.split(':')[2] ?? ''] ?? []).map(
      (action) => [action, action.startsWith('s3:') ? bucket : '*'] as const,
    );
  });
}
