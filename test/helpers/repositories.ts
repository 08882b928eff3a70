/** A user's repository. */
export interface Repository {
  readonly files: Readonly<Record<string, string>>;
  /** Paths that are tracked by git; default: all. */
  readonly committed?: readonly string[];
  /** The folder in which `crc init` runs, relative to the root of the repository. */
  readonly folder?: string;
  /** Existing AWS resources that are not created by the Terraform code. */
  readonly exists?: Existing;
}

/** The bucket and the table of a Terraform backend. */
export interface Existing {
  readonly region: string;
  readonly buckets: readonly string[];
  readonly table?: string;
}

const PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n';
const page = (name: string) => `resource "aws_s3_bucket" "site" {\n  bucket = "${name}"\n}\n`;
const PAGE = page('pages-of-ada');
const VISITS =
  'resource "aws_dynamodb_table" "visits" {\n  name         = "visits"\n  billing_mode = "PAY_PER_REQUEST"\n  hash_key     = "id"\n  attribute {\n    name = "id"\n    type = "S"\n  }\n}\n';

const s3Backend = (lines: string) => `terraform {\n  backend "s3" {\n${lines}  }\n}\n`;

/** A Terraform state without resources. */
const STATE = JSON.stringify({
  version: 4,
  serial: 1,
  lineage: 'a',
  terraform_version: '1.9.0',
  outputs: {},
  resources: [],
});

/** Copies the front end, with the access keys in the environment of a step. */
const COPY_WITH_KEYS = `name: front end
on:
  push:
    branches: [main]
jobs:
  copy: # to the bucket
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: aws s3 sync ./public s3://pages-of-ada --delete
        env:
          AWS_ACCESS_KEY_ID: \${{ secrets.KEY }}
          AWS_SECRET_ACCESS_KEY: \${{ secrets.SECRET }}
          AWS_REGION: eu-west-1
`;

const APPLY_WITH_KEYS = `name: infrastructure of Ada
on: [push]
permissions:
  contents: read
jobs:
  terraform:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      # Keys of the user "ci".
      - name: log in
        uses: aws-actions/configure-aws-credentials@v4
        with:
          aws-access-key-id: \${{ secrets.AWS_ACCESS_KEY_ID }}
          aws-secret-access-key: \${{ secrets.AWS_SECRET_ACCESS_KEY }}
          aws-region: eu-west-1
      - run: terraform -chdir=infra apply -auto-approve
`;

/** The access keys are set for the whole workflow. */
const KEYS_FOR_ALL_JOBS = `name: backend
on:
  push:
    branches: [main]
    paths: ['backend/**']
env:
  AWS_ACCESS_KEY_ID: \${{ secrets.AWS_ACCESS_KEY_ID }}
  AWS_SECRET_ACCESS_KEY: \${{ secrets.AWS_SECRET_ACCESS_KEY }}
  AWS_REGION: us-east-1
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: python3 -m unittest discover backend/lambda
  deploy:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: terraform init && terraform apply -auto-approve
        working-directory: backend/terraform
`;

const APPLY_WITH_ROLE = `on:
  push:
    branches: [main]
permissions:
  id-token: write
  contents: read
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: aws-actions/configure-aws-credentials@v4
        with:
          role-to-assume: arn:aws:iam::123456789012:role/site-deploy
          aws-region: eu-west-1
      - run: terraform init && terraform apply -auto-approve
`;

const PYTHON = 'import boto3\n\ndef lambda_handler(event, context):\n    return {"statusCode": 200}\n';

const COPIED =
  '    bucket         = "ada-tfstate"\n    key            = "terraform.tfstate"\n    region         = "eu-west-1"\n    dynamodb_table = "ada-locks"\n';

const argumentsFor = (stage: string) =>
  `bucket       = "ada-tfstate"\nkey          = "${stage}/site.tfstate"\nregion       = "eu-west-1"\nuse_lockfile = true\n`;

const KMS_KEY = 'arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-44cd-96ef-1234567890ab';

export const REPOSITORIES = {
  /** An existing bucket and table, defined in a separate folder. */
  remoteState: {
    files: {
      'terraform/main.tf': `${s3Backend(
        '    bucket         = "ada-tfstate"\n    key            = "site/terraform.tfstate"\n    region         = "eu-west-1"\n    dynamodb_table = "ada-locks"\n    encrypt        = true\n    workspace_key_prefix = "sites"\n',
      )}${PROVIDER}${PAGE}`,
      'index.html': '<p>Ada</p>\n',
    },
    exists: { region: 'eu-west-1', buckets: ['ada-tfstate'], table: 'ada-locks' },
  },
  /** A state in git, and a workflow with access keys for the front end. */
  committedState: {
    files: {
      'infra/main.tf': PROVIDER + PAGE,
      'infra/terraform.tfstate': STATE,
      'infra/terraform.tfstate.backup': STATE,
      '.github/workflows/front-end.yml': COPY_WITH_KEYS,
    },
    committed: ['infra/main.tf', 'infra/terraform.tfstate', 'infra/terraform.tfstate.backup', '.github'],
  },
  /** A state in the root folder that git ignores. */
  localState: {
    files: { 'main.tf': PROVIDER + PAGE, 'terraform.tfstate': STATE, '.gitignore': '*.tfstate\n.terraform\n' },
    committed: ['main.tf', '.gitignore'],
  },
  /** Terraform is applied in CI with access keys, and the bucket uses lock files. */
  keysInApply: {
    files: {
      'infra/backend.tf': s3Backend(
        '    bucket       = "ada-tfstate"\n    key          = "infra.tfstate"\n    region       = "eu-west-1"\n    use_lockfile = true\n',
      ),
      'infra/main.tf': PROVIDER + PAGE,
      '.github/workflows/apply.yaml': APPLY_WITH_KEYS,
    },
    exists: { region: 'eu-west-1', buckets: ['ada-tfstate'] },
  },
  /** OIDC is already set up, but there is no lock, and the backend names a profile that jobs do not have. */
  oidcWithoutLock: {
    files: {
      'main.tf': `${s3Backend('    bucket  = "ada-tfstate"\n    key     = "site"\n    region  = "eu-west-1"\n    profile = "ada"\n')}${PROVIDER}`,
      '.github/workflows/deploy.yml': APPLY_WITH_ROLE,
    },
    exists: { region: 'eu-west-1', buckets: ['ada-tfstate'] },
  },
  /** Two folders with separate states, and a module that both use. */
  severalFolders: {
    files: {
      'network/main.tf': `${s3Backend('    bucket = "ada-tfstate"\n    key    = "network"\n    region = "us-east-1"\n    use_lockfile = true\n')}${PROVIDER}module "x" {\n  source = "../modules/x"\n  name   = "network-of-ada"\n}\n`,
      'site/main.tf': `${PROVIDER}module "x" {\n  source = "../modules/x"\n  name   = "pages-of-ada"\n}\n`,
      'modules/x/main.tf': 'variable "name" {}\nresource "aws_s3_bucket" "site" {\n  bucket = var.name\n}\n',
    },
    exists: { region: 'us-east-1', buckets: ['ada-tfstate'] },
  },
  /** The bucket and the table are in a different region than the resources of the code. */
  bucketElsewhere: {
    files: {
      'infra/main.tf': `${s3Backend(
        '    bucket         = "ada-tfstate"\n    key            = "site/terraform.tfstate"\n    region         = "us-east-1"\n    dynamodb_table = "ada-locks"\n    encrypt        = true\n',
      )}${PROVIDER}${VISITS}`,
      '.github/workflows/apply.yaml': APPLY_WITH_ROLE,
    },
    exists: { region: 'us-east-1', buckets: ['ada-tfstate'], table: 'ada-locks' },
  },
  /** A state in HCP Terraform. */
  cloud: {
    files: { 'main.tf': `terraform {\n  cloud {\n    organization = "ada"\n  }\n}\n${PROVIDER}` },
  },
  /** A SAM project with a function, without Terraform. */
  sam: {
    files: {
      'template.yaml': 'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\n',
      'counter/app.py': PYTHON,
      'counter/test_app.py': 'def handler(event, context):\n    pass\n',
    },
  },
  /** A Serverless Framework project. */
  serverless: {
    files: {
      'serverless.yml': 'service: counter\n',
      'src/handler.js': 'module.exports.handler = async (event) => ({ statusCode: 200 });\n',
    },
  },
  /**
   * A typical Cloud Resume Challenge: a local state in git, a Lambda function, and access keys for all jobs of a
   * workflow.
   */
  challenge: {
    files: {
      'backend/terraform/main.tf': `provider "aws" {\n  region = "us-east-1"\n}\n${VISITS}`,
      'backend/terraform/terraform.tfstate': STATE,
      'backend/lambda/app.py': PYTHON,
      'frontend/index.html': '<p>Ada</p>\n',
      '.github/workflows/backend.yml': KEYS_FOR_ALL_JOBS,
    },
    committed: ['backend', 'frontend', '.github'],
  },
  /** Two folders whose states are in the buckets of different teams. */
  twoBuckets: {
    files: {
      'site/backend.tf': s3Backend(
        '    bucket       = "ada-tfstate"\n    key          = "site"\n    region       = "eu-west-1"\n    use_lockfile = true\n',
      ),
      'site/main.tf': PROVIDER + PAGE,
      'dns/main.tf': `${s3Backend(
        '    bucket       = "eve-tfstate"\n    key          = "dns"\n    region       = "eu-west-1"\n    use_lockfile = true\n',
      )}${PROVIDER}${page('names-of-eve')}`,
      'mail/main.tf': `${s3Backend(
        '    bucket       = "ada-tfstate"\n    key          = "mail"\n    region       = "eu-west-1"\n    use_lockfile = true\n',
      )}${PROVIDER}${page('mail-of-ada')}`,
    },
    exists: { region: 'eu-west-1', buckets: ['ada-tfstate', 'eve-tfstate'] },
  },
  /** The same backend block in two folders, copied including its key. */
  oneKeyTwice: {
    files: {
      'api/main.tf': `${s3Backend(COPIED)}${PROVIDER}${VISITS}`,
      'site/main.tf': `${s3Backend(COPIED)}${PROVIDER}${PAGE}`,
    },
    exists: { region: 'eu-west-1', buckets: ['ada-tfstate'], table: 'ada-locks' },
  },
  /** One folder with several states, which `terraform init` selects with backend config files. */
  environments: {
    files: {
      'infra/main.tf': `${s3Backend('')}${PROVIDER}variable "stage" {\n  default = "dev"\n}\n${page('pages-of-ada')}`,
      'infra/dev.s3.tfbackend': argumentsFor('dev'),
      'infra/prod.s3.tfbackend': argumentsFor('prod'),
    },
    exists: { region: 'eu-west-1', buckets: ['ada-tfstate'] },
  },
  /** The project is one folder of a monorepo. Its states are encrypted with a KMS key and use both kinds of locks. */
  monorepo: {
    files: {
      'services/counter/infra/main.tf': `${s3Backend(
        `    bucket         = "ada-tfstate"\n    key            = "counter/terraform.tfstate"\n    region         = "eu-west-1"\n    dynamodb_table = "ada-locks"\n    use_lockfile   = true\n    encrypt        = true\n    kms_key_id     = "${KMS_KEY}"\n`,
      )}${PROVIDER}${VISITS}`,
      'services/web/index.html': '<p>Ada</p>\n',
      '.github/workflows/web.yml': COPY_WITH_KEYS,
    },
    folder: 'services/counter',
    exists: { region: 'eu-west-1', buckets: ['ada-tfstate'], table: 'ada-locks' },
  },
  /** Generated Terraform code in JSON syntax. */
  inJson: {
    files: {
      'stack/cdk.tf.json': `${JSON.stringify({
        terraform: {
          backend: { s3: { bucket: 'ada-tfstate', key: 'stack.tfstate', region: 'eu-west-1', use_lockfile: true } },
        },
        provider: { aws: [{ region: 'eu-west-1' }] },
        resource: { aws_s3_bucket: { site: { bucket: 'pages-of-ada' } } },
      })}\n`,
    },
    exists: { region: 'eu-west-1', buckets: ['ada-tfstate'] },
  },
} as const satisfies Readonly<Record<string, Repository>>;
