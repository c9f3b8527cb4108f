/** Keys of services that are told by how they begin, and by nothing else: no maker of these publishes a checksum. */
import type { KeyFormat } from './key-formats.ts';

const of = (name: string, variable: string, pattern: RegExp): KeyFormat => ({ name, variable, pattern });

/** Fewer people have these than those of `key-formats.ts`. */
export const FURTHER_KEY_FORMATS: readonly KeyFormat[] = [
  of('a key of Mailgun', 'MAILGUN_KEY', /\bkey-[0-9a-f]{32}\b/g),
  of('a key of Brevo', 'BREVO_KEY', /\bxkeysib-[0-9a-f]{64}-[A-Za-z0-9]{16}\b/g),
  of('a token of Notion', 'NOTION_TOKEN', /\bntn_\d{11}[A-Za-z0-9]{35}\b/g),
  of('a key of Linear', 'LINEAR_KEY', /\blin_api_[A-Za-z0-9]{40}\b/g),
  of('a token of Databricks', 'DATABRICKS_TOKEN', /\bdapi[0-9a-f]{32}(?:-\d)?\b/g),
  of('a token of Grafana', 'GRAFANA_TOKEN', /\bglsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}\b/g),
  of('a token of Grafana Cloud', 'GRAFANA_TOKEN', /\bglc_eyJ[A-Za-z0-9+/]{40,400}={0,2}/g),
  of('a key of New Relic', 'NEW_RELIC_KEY', /\bNRAK-[A-Z0-9]{27}\b/g),
  of('a key of Postman', 'POSTMAN_KEY', /\bPMAK-[0-9a-f]{24}-[0-9a-f]{34}\b/g),
  of('a token of Sentry', 'SENTRY_TOKEN', /\bsntryu_[0-9a-f]{64}\b/g),
  of(
    'a token of an organization at Sentry',
    'SENTRY_TOKEN',
    /\bsntrys_eyJ[A-Za-z0-9+/]{40,400}={0,2}_[A-Za-z0-9+/]{43}/g,
  ),
  of(
    'a password of PlanetScale',
    'PLANETSCALE_PASSWORD',
    /\bpscale_(?:pw|tkn|oauth)_[\w.-]{32,64}(?![\w.-])/g,
  ),
  of('a token of HCP Terraform', 'TFE_TOKEN', /\b[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}(?![\w-])/g),
  of('a key of Perplexity', 'PERPLEXITY_KEY', /\bpplx-[A-Za-z0-9]{48}\b/g),
  of('a key of Groq', 'GROQ_KEY', /\bgsk_[A-Za-z0-9]{52}\b/g),
  of('a token of Replicate', 'REPLICATE_TOKEN', /\br8_[A-Za-z0-9]{37}\b/g),
  of('a key of RubyGems', 'RUBYGEMS_KEY', /\brubygems_[0-9a-f]{48}\b/g),
  of('a token of Pulumi', 'PULUMI_TOKEN', /\bpul-[0-9a-f]{40}\b/g),
  of('a token of Doppler', 'DOPPLER_TOKEN', /\bdp\.(?:pt|st|ct|sa)\.(?:[\w-]{2,40}\.)?[A-Za-z0-9]{40,44}\b/g),
  of('a token of Supabase', 'SUPABASE_TOKEN', /\bsbp_[0-9a-f]{40}\b/g),
  of('a token of Airtable', 'AIRTABLE_TOKEN', /\bpat[A-Za-z0-9]{14}\.[0-9a-f]{64}\b/g),
  of('a token of Atlassian', 'ATLASSIAN_TOKEN', /\bATATT3[\w=-]{180,220}/g),
  of('a key of Artifactory', 'ARTIFACTORY_KEY', /\bAKCp[A-Za-z0-9]{69}\b/g),
  of('a token of Square', 'SQUARE_TOKEN', /\bsq0(?:atp|csp)-[\w-]{22,43}(?![\w-])/g),
  of('a token of Fly.io', 'FLY_TOKEN', /\bfm2_[A-Za-z0-9+/]{100,1000}={0,2}/g),
  of('a batch token of Vault', 'VAULT_TOKEN', /\bhvb\.[\w-]{138,300}(?![\w-])/g),
  of('a service account of 1Password', 'OP_SERVICE_ACCOUNT_TOKEN', /\bops_eyJ[A-Za-z0-9+/]{250,2000}={0,2}/g),
  of('a token of GitLab', 'GITLAB_TOKEN', /\bgl(?:cbt|soat|agent|oas|imt|ft|ffct)-[\w-]{20,64}(?![\w-])/g),
  of(
    'a client secret of Microsoft Entra',
    'AZURE_CLIENT_SECRET',
    /(?<![\w~.-])[A-Za-z0-9_~.]{3}\dQ~[\w~.-]{31,34}(?![\w~.-])/g,
  ),
  {
    name: 'a token of a Discord bot',
    variable: 'DISCORD_TOKEN',
    pattern: /(?<![\w.-])[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,38}(?![\w.-])/g,
    // Its first part is the number of the account.
    judge: (key) =>
      /^\d{17,20}$/.test(Buffer.from(key.split('.')[0] ?? '', 'base64url').toString('latin1'))
        ? 'form'
        : 'no',
  },
  of(
    'an address of a Discord webhook',
    'DISCORD_WEBHOOK',
    /\bdiscord(?:app)?\.com\/api\/(?:v\d+\/)?webhooks\/\d{17,20}\/(?<key>[\w-]{60,80})/g,
  ),
];

/** What these begin with. */
export const FURTHER_KEY_MARKS: RegExp =
  /key-[0-9a-f]{32}|xkeysib-|ntn_\d|lin_api_|dapi[0-9a-f]{32}|glsa_|glc_eyJ|NRAK-|PMAK-|sntry[us]_|pscale_|\.atlasv1\.|pplx-|gsk_|\br8_|rubygems_|\bpul-|\bdp\.[psc]|sbp_|\bpat[A-Za-z0-9]{14}\.|ATATT3|AKCp|sq0(?:atp|csp)|fm2_|hvb\.|ops_eyJ|gl(?:cbt|soat|agent|oas|imt|ft|ffct)-|\dQ~|discord/;
