/** Repositories as people have them, file by file. `git` names those that are committed; the others are in the folder alone. */
export interface Repository {
  readonly files: Readonly<Record<string, string>>;
  readonly committed?: readonly string[];
}

const PROVIDER = 'provider "aws" {\n  region = "eu-west-1"\n}\n';
const PAGE = 'resource "aws_s3_bucket" "site" {\n  bucket = "pages-of-ada"\n}\n';

const s3Backend = (lines: string) => `terraform {\n  backend "s3" {\n${lines}  }\n}\n`;

/** A state without resources, as Terraform writes it. */
const STATE = JSON.stringify({
  version: 4,
  serial: 1,
  lineage: 'a',
  terraform_version: '1.9.0',
  outputs: {},
  resources: [],
});

/** The front end is copied with an action's keys in the environment of the step. */
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

export const REPOSITORIES = {
  /** A bucket and a table that stand already, in a folder of their own. */
  remoteState: {
    files: {
      'terraform/main.tf': `${s3Backend(
        '    bucket         = "ada-tfstate"\n    key            = "site/terraform.tfstate"\n    region         = "eu-west-1"\n    dynamodb_table = "ada-locks"\n    encrypt        = true\n    workspace_key_prefix = "sites"\n',
      )}${PROVIDER}${PAGE}`,
      'index.html': '<p>Ada</p>\n',
    },
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
  /** A state beside the code that git ignores, in the top folder. */
  localState: {
    files: { 'main.tf': PROVIDER + PAGE, 'terraform.tfstate': STATE, '.gitignore': '*.tfstate\n.terraform\n' },
    committed: ['main.tf', '.gitignore'],
  },
  /** Applied in CI by keys, into a bucket with the lock file. */
  keysInApply: {
    files: {
      'infra/backend.tf': s3Backend(
        '    bucket       = "ada-tfstate"\n    key          = "infra.tfstate"\n    region       = "eu-west-1"\n    use_lockfile = true\n',
      ),
      'infra/main.tf': PROVIDER + PAGE,
      '.github/workflows/apply.yaml': APPLY_WITH_KEYS,
    },
  },
  /** OIDC works already; no lock, and a profile that jobs do not have. */
  oidcWithoutLock: {
    files: {
      'main.tf': `${s3Backend('    bucket  = "ada-tfstate"\n    key     = "site"\n    region  = "eu-west-1"\n    profile = "ada"\n')}${PROVIDER}`,
      '.github/workflows/deploy.yml': APPLY_WITH_ROLE,
    },
  },
  /** Two folders with a state each, and a module of both. */
  severalFolders: {
    files: {
      'network/main.tf': `${s3Backend('    bucket = "ada-tfstate"\n    key    = "network"\n    region = "us-east-1"\n    use_lockfile = true\n')}${PROVIDER}module "x" {\n  source = "../modules/x"\n}\n`,
      'site/main.tf': `${PROVIDER}module "x" {\n  source = "../modules/x"\n}\n`,
      'modules/x/main.tf': PAGE,
    },
  },
  /** A state that HCP Terraform keeps. */
  cloud: {
    files: { 'main.tf': `terraform {\n  cloud {\n    organization = "ada"\n  }\n}\n${PROVIDER}` },
  },
  /** SAM and a function, without Terraform. */
  sam: {
    files: {
      'template.yaml': 'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\n',
      'counter/app.py': PYTHON,
      'counter/test_app.py': 'def handler(event, context):\n    pass\n',
    },
  },
  /** The Serverless Framework. */
  serverless: {
    files: {
      'serverless.yml': 'service: counter\n',
      'src/handler.js': 'module.exports.handler = async (event) => ({ statusCode: 200 });\n',
    },
  },
} as const satisfies Readonly<Record<string, Repository>>;
