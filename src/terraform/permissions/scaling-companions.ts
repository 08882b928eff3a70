import type { Companions, Subject } from './subject.ts';

/**
 * What Application Auto Scaling requires of its caller on what it scales, and on the alarms that it creates.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/security_iam_id-based-policy-examples.html
 */
export const SCALING_COMPANIONS: Readonly<Record<string, (subject: Subject) => Companions>> = {
  'application-autoscaling:DeleteScalingPolicy': alarmCompanions,
  'application-autoscaling:PutScalingPolicy': (subject) => [...targetCompanions(subject), ...alarmCompanions(subject)],
  'application-autoscaling:RegisterScalableTarget': targetCompanions,
};

/** Actions on what is scaled, by the namespace of its service. */
const TARGETS: Readonly<Record<string, readonly string[]>> = {
  dynamodb: ['DescribeTable', 'UpdateTable'],
  ecs: ['DescribeServices', 'UpdateService'],
  lambda: ['DeleteProvisionedConcurrencyConfig', 'GetProvisionedConcurrencyConfig', 'PutProvisionedConcurrencyConfig'],
};

/** `table/Visits` and `service/main/web` are resources of their services, `table/Visits/index/ByDay` a part of one. */
function targetCompanions({ values, where, names }: Subject): Companions {
  const [service = ''] = values.named('ServiceNamespace');
  const [id] = values.named('ResourceId');
  if (id === undefined) return [];
  const resource = names.stable(id.replace(/\/index\/.*$/, ''));
  return (TARGETS[service] ?? []).map(
    (action) =>
      [
        `${service}:${action}`,
        `arn:${where.partition}:${service}:${where.region}:${where.accountId}:${resource}`,
      ] as const,
  );
}

/** The names of alarms for target tracking begin with it and what is scaled. */
function alarmCompanions({ call, values, where, names }: Subject): Companions {
  const [id] = values.named('ResourceId');
  const isStep = values.named('PolicyType')[0] === 'StepScaling';
  if (id === undefined || isStep) return [];
  const alarm = `arn:${where.partition}:cloudwatch:${where.region}:${where.accountId}:alarm:TargetTracking-${names.stable(id)}-*`;
  const actions = call.operation.startsWith('Delete')
    ? ['DeleteAlarms']
    : ['DeleteAlarms', 'DescribeAlarms', 'PutMetricAlarm'];
  return actions.map((action) => [`cloudwatch:${action}`, alarm] as const);
}
