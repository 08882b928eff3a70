import { Encoded, Expression, type TerraformExport, type TerraformResource } from '../../engine/terraform.ts';
import type { PolicyDocument } from '../../policies/document.ts';
import type { Tags } from '../tags.ts';

interface RoleInTerraform {
  readonly name: string;
  readonly trust: PolicyDocument;
  readonly path?: string;
  readonly policyName: string;
  readonly inlinePolicies?: Readonly<Record<string, PolicyDocument | undefined>>;
  readonly policy: PolicyDocument | undefined;
  readonly maxSessionSeconds: number;
  readonly permissionsBoundary: string | undefined;
  readonly managedPolicyArns: readonly string[];
}

/** A role with its policies, which are separate resources in Terraform. */
export function roleInTerraform(role: RoleInTerraform, description: string | null, tags: Tags): TerraformExport {
  return {
    name: role.name,
    resources: (label) => [roleItself(role, label, description, tags), ...policies(role, label)],
  };
}

function roleItself(role: RoleInTerraform, label: string, description: string | null, tags: Tags): TerraformResource {
  return {
    type: 'aws_iam_role',
    label,
    importId: role.name,
    arguments: {
      name: role.name,
      path: role.path === '/' ? undefined : role.path,
      description: description ?? undefined,
      max_session_duration: role.maxSessionSeconds,
      permissions_boundary: role.permissionsBoundary,
      assume_role_policy: new Encoded(role.trust),
      tags,
    },
  };
}

function policies(
  { name, policy, policyName, inlinePolicies = {}, managedPolicyArns }: RoleInTerraform,
  label: string,
): readonly TerraformResource[] {
  const role = new Expression(`aws_iam_role.${label}.name`);
  return [
    ...(policy === undefined
      ? []
      : [
          {
            type: 'aws_iam_role_policy',
            label,
            importId: `${name}:${policyName}`,
            arguments: { role, name: policyName, policy: new Encoded(policy) },
          },
        ]),
    ...Object.entries(inlinePolicies).flatMap(([own, document], index) =>
      document === undefined
        ? []
        : [
            {
              type: 'aws_iam_role_policy',
              label: `${label}_${index + 1}`,
              importId: `${name}:${own}`,
              arguments: { role, name: own, policy: new Encoded(document) },
            },
          ],
    ),
    ...managedPolicyArns.map((arn, index) => ({
      type: 'aws_iam_role_policy_attachment',
      label: `${label}_${index + 1}`,
      importId: `${name}/${arn}`,
      arguments: { role, policy_arn: arn },
    })),
  ];
}
