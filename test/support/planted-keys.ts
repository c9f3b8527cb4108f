/**
 * Keys of services, as they lie about in repositories: made here, by the forms that their makers publish, so that no scanner of a
 * host finds one in this tree. The same ones in every run.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checksumOf } from '../../src/check/source/secrets/verify-keys.ts';

/** One, and which rule has to say it. */
export interface PlantedKey {
  readonly application: string;
  readonly rule: string;
  readonly file: string;
  readonly line: number;
}

const DIGITS = '0123456789';
const HEX = `${DIGITS}abcdef`;
const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const ALL = UPPER + LOWER + DIGITS;

let turn = 0;
/** Letters that look drawn, and are the same in every run. */
function drawn(length: number, from: string = ALL): string {
  let text = '';
  while (text.length < length) {
    turn += 1;
    const bytes = createHash('sha512').update(`a key that nobody has: ${turn}`).digest();
    for (const byte of bytes) if (byte < 256 - (256 % from.length)) text += from[byte % from.length] ?? '';
  }
  return text.slice(0, length);
}

function checked(prefix: string): string {
  const body = drawn(30);
  return `${prefix}${body}${checksumOf(body)}`;
}

const json = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Each on a line of its own in a file of Python: what it is called there, and the rule that has to say it. */
function inPython(): readonly (readonly [name: string, key: string, rule?: string])[] {
  return [
    ['GITHUB', checked('ghp_')],
    ['GITLAB', `glpat-${drawn(20)}`],
    ['SLACK', `xoxb-${drawn(12, '123456789')}-${drawn(12, '123456789')}-${drawn(24)}`],
    ['STRIPE', `sk_live_${drawn(24)}`],
    ['AWS_ID', `AKIA${drawn(16, `${UPPER}234567`)}`],
    ['AWS_SECRET_ACCESS_KEY', drawn(40)],
    ['MAPS', `AIza${drawn(35)}`],
    ['SENDGRID', `SG.${drawn(22)}.${drawn(43)}`],
    ['TELEGRAM', `${drawn(10, '123456789')}:AA${drawn(33)}`],
    ['HUGGING_FACE', `hf_${drawn(34, UPPER + LOWER)}`],
    ['DIGITALOCEAN', `dop_v1_${drawn(64, HEX)}`],
    ['SHOPIFY', `shpat_${drawn(32, HEX)}`],
    ['SERVICE', `${json({ alg: 'HS256' })}.${json({ sub: 'shop', exp: 4_000_000_000 })}.${drawn(43)}`],
    ['MAILGUN', `key-${drawn(32, HEX)}`],
    ['NOTION', `ntn_${drawn(11, DIGITS)}${drawn(35)}`],
    ['LINEAR', `lin_api_${drawn(40)}`],
    ['DATABRICKS', `dapi${drawn(32, HEX)}`],
    ['GRAFANA', `glsa_${drawn(32)}_${drawn(8, HEX)}`],
    ['NEW_RELIC', `NRAK-${drawn(27, UPPER + DIGITS)}`],
    ['POSTMAN', `PMAK-${drawn(24, HEX)}-${drawn(34, HEX)}`],
    ['SENTRY', `sntryu_${drawn(64, HEX)}`],
    ['BREVO', `xkeysib-${drawn(64, HEX)}-${drawn(16)}`],
    ['PLANETSCALE', `pscale_pw_${drawn(43)}`],
    ['TERRAFORM', `${drawn(14)}.atlasv1.${drawn(67)}`],
    ['PERPLEXITY', `pplx-${drawn(48)}`],
    ['RUBYGEMS', `rubygems_${drawn(48, HEX)}`],
    ['PULUMI', `pul-${drawn(40, HEX)}`],
    ['DOPPLER', `dp.pt.${drawn(43)}`],
    ['AZURE', `${drawn(3)}8Q~${drawn(34)}`],
    ['DISCORD', `${Buffer.from(`1${drawn(18, DIGITS)}`).toString('base64url')}.${drawn(6)}.${drawn(38)}`],
    ['DISCORD_HOOK', `https://discord.com/api/webhooks/${drawn(19, '123456789')}/${drawn(68)}`],
    ['TWILIO_AUTH_TOKEN', drawn(32, HEX), 'secrets.assigned'],
    ['DATADOG_API_KEY', drawn(32, HEX), 'secrets.assigned'],
  ];
}

/** Files that programs read their passwords from: what stands in each, and on which line it matters. */
function inFiles(): readonly (readonly [file: string, lines: readonly string[], at: number])[] {
  const seed = drawn(70);
  return [
    [
      '.npmrc',
      ['registry=https://registry.npmjs.org/', '', '', `//registry.npmjs.org/:_authToken=${checked('npm_')}`],
      4,
    ],
    ['.netrc', ['machine api.shop.internal', '  login deploy', `  password ${drawn(24)}`], 3],
    [
      '.pypirc',
      [
        '[packages]',
        'repository = https://packages.shop.internal/',
        'username = deploy',
        `password = ${drawn(24)}`,
      ],
      4,
    ],
    [
      '.docker/config.json',
      [
        '{ "auths": { "registry.shop.internal": {',
        `  "auth": "${Buffer.from(`deploy:${drawn(24)}`).toString('base64')}"`,
        '} } }',
      ],
      2,
    ],
    ['.git-credentials', [`https://deploy:${drawn(24)}@git.shop.internal`], 1],
    [
      'deploy/id_ed25519',
      ['-----BEGIN OPENSSH PRIVATE KEY-----', ...opensshBody(seed), '-----END OPENSSH PRIVATE KEY-----'],
      1,
    ],
  ];
}

function opensshBody(seed: string): readonly string[] {
  const bytes = Buffer.concat([Buffer.from('openssh-key-v1\0'), Buffer.from(seed.repeat(3))]);
  return bytes.toString('base64').match(/.{1,70}/g) ?? [];
}

/** Writes them below a folder. Three lines lie between any two, so that nobody is believed to have seen a neighbour. */
export function plantKeys(folder: string): readonly PlantedKey[] {
  const application = 'leaked-keys';
  const write = (file: string, lines: readonly string[]): void => {
    const path = join(folder, application, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${lines.join('\n')}\n`);
  };
  const lines: string[] = [];
  const planted: PlantedKey[] = [];
  const file = 'shop/services.py';
  for (const [name, key, rule = 'secrets.key'] of inPython()) {
    lines.push(`${name} = '${key}'`, '', '');
    planted.push({ application, rule, file, line: lines.length - 2 });
  }
  write(file, lines);
  for (const [path, text, line] of inFiles()) {
    write(path, text);
    const rule = path.endsWith('id_ed25519') || path === '.npmrc' ? 'secrets.key' : 'secrets.assigned';
    planted.push({ application, rule, file: path, line });
  }
  return planted;
}
