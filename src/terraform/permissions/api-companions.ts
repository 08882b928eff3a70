import { isJsonObject } from '../../json.ts';
import type { Companions, Subject } from './subject.ts';

/** What AWS checks in addition to the HTTP methods of API Gateway, by operation. */
export const API_COMPANIONS: Readonly<Record<string, (subject: Subject, arn: string) => Companions>> = {
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
  'apigateway:CreateStage': stageCompanions,
  'apigateway:UpdateStage': stageCompanions,
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-create-attach.html
  'apigateway:CreateRestApi': policyCompanions,
  'apigateway:ImportRestApi': policyCompanions,
  'apigateway:PutRestApi': policyCompanions,
  'apigateway:UpdateRestApi': policyCompanions,
  'apigateway:CreateDomainName': domainCompanions,
  'apigateway:UpdateDomainName': domainCompanions,
  // https://docs.aws.amazon.com/apigateway/latest/developerguide/grant-permissions-to-create-vpclink.html: a link of a
  // REST API has an endpoint service, one of an HTTP API does not
  'apigateway:CreateVpcLink': endpointCompanions,
  'apigateway:DeleteVpcLink': endpointCompanions,
};

/** Access logs of an HTTP API use log delivery, which has no resource-level permissions. */
function stageCompanions({ call, values }: Subject): Companions {
  const logs = values.all.some(({ key, value }) => /^destinationArn$/i.test(key) && value.includes(':logs:'));
  if (!logs || !call.request.path.startsWith('/v2/')) return [];
  return [
    'CreateLogDelivery',
    'DeleteLogDelivery',
    'DescribeLogGroups',
    'DescribeResourcePolicies',
    'GetLogDelivery',
    'ListLogDeliveries',
    'PutResourcePolicy',
    'UpdateLogDelivery',
  ].map((action) => [`logs:${action}`, '*'] as const);
}

/** The resource policy of a REST API: a parameter, a patch, or part of an OpenAPI document. */
function policyCompanions({ call, values }: Subject, arn: string): Companions {
  const { body } = call.request;
  const has = (name: string) => isJsonObject(body) && (body[name] ?? null) !== null;
  const isPatched = values.all.some(({ key, value }) => key === 'path' && value === '/policy');
  if (!has('policy') && !has('x-amazon-apigateway-policy') && !isPatched) return [];
  const created = arn.endsWith('/restapis') ? [`${arn}/*`] : [];
  return [arn, ...created].map((resource) => ['apigateway:UpdateRestApiPolicy', resource] as const);
}

/**
 * An edge-optimized domain has a distribution:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-edge-optimized-custom-domain-name.html. Client
 * certificates need a right of their own:
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 */
function domainCompanions({ values }: Subject, arn: string): Companions {
  const isAtEdge = values.all.some(
    ({ key, value }) =>
      /^certificate(Arn|Name)$/.test(key) || (key === 'path' && /^\/certificate(Arn|Name)$/.test(value)),
  );
  const isMutual = values.all.some(({ key, value }) => key === 'truststoreUri' || value.startsWith('/mutualTls'));
  return [
    ...(isAtEdge && !arn.includes('/v2/') ? [['cloudfront:UpdateDistribution', '*'] as const] : []),
    ...(isMutual
      ? [arn, `${arn}/*`].flatMap((resource) =>
          ['AddCertificateToDomain', 'RemoveCertificateFromDomain'].map(
            (action) => [`apigateway:${action}`, resource] as const,
          ),
        )
      : []),
  ];
}

function endpointCompanions({ call, where }: Subject): Companions {
  if (call.request.path.startsWith('/v2/')) return [];
  const service = `arn:${where.partition}:ec2:${where.region}:${where.accountId}:vpc-endpoint-service/*`;
  return [
    ['ec2:CreateVpcEndpointServiceConfiguration', service],
    ['ec2:DeleteVpcEndpointServiceConfigurations', service],
    ['ec2:DescribeVpcEndpointServiceConfigurations', '*'],
    ['ec2:ModifyVpcEndpointServicePermissions', service],
    ['elasticloadbalancing:DescribeLoadBalancers', '*'],
  ];
}
