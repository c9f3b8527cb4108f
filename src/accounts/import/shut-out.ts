/**
 * What names of columns say about who is shut out. Names are compared without case, `_`, `-` and blanks, so that
 * `isBanned`, `IS_BANNED` and `user_is_banned` are one. What is not read and looks like one of them stops the import: a
 * table that keeps who is banned in a way of its own must not let them in (supertokens-core#1136).
 */

/** What such a column can hold. */
export type ShutOutColumn = 'confirmed' | 'active' | 'activated' | 'disabled' | 'until';

/** A name as it is compared: `users.is_active` and `isActive` are `isactive`. */
export function foldName(name: string): string {
  return name
    .slice(name.lastIndexOf('.') + 1)
    .toLowerCase()
    .replaceAll(/[\s_"'`-]+/g, '');
}

/** What a column holds, by its name; undefined where it is nothing of this. */
export function shutOutBy(name: string): ShutOutColumn | undefined {
  const folded = foldName(name);
  for (const stem of [folded, folded.replace(WHOSE, '')]) {
    const base = stem.replace(TIME, '');
    if (CONFIRMED.has(stem) || CONFIRMED.has(base)) return 'confirmed';
    if (ACTIVE.has(stem) || ACTIVE.has(stem.replace(/flag$/, ''))) return 'active';
    if (ACTIVATED.has(base)) return 'activated';
    if (DISABLED.has(stem) || DISABLED.has(base)) return 'disabled';
    if (UNTIL.test(stem)) return 'until';
  }
  return undefined;
}

/** Whether a column that is not read looks as if it shut somebody out. */
export function looksLikeShutOut(name: string, isAnyRead: boolean): boolean {
  const folded = foldName(name);
  if (HARMLESS.has(folded)) return false;
  if (STATUS.test(folded)) return true;
  const words = wordsOf(name);
  // `banned_by_id` says of whom it is; what else has an id is something else.
  const first = words.find((word) => !OWNERS.has(word)) ?? '';
  const isDeed = DEEDS.has(first);
  if (words.some((word) => ELSEWHERE.has(word) && !(isDeed && REFERENCES.has(word)))) return false;
  // Why or by whom, where that it is so is read.
  if (isAnyRead && words.some((word) => ASIDE.has(word))) return false;
  const stem = folded.replace(WHOSE, '');
  // Cognito's `cognito:user_status`: what stands before the colon is whose it is.
  const last = foldName(name.slice(name.lastIndexOf(':') + 1)).replace(WHOSE, '');
  return (
    [folded, stem, last].some((one) => DOUBTFUL.has(one)) ||
    DOUBTFUL.has(stem.replace(TIME, '')) ||
    isDeed ||
    words.some((word) => STRONG.has(word)) ||
    INSIDE.test(folded) ||
    SIGN_IN.test(stem)
  );
}

/** Whether a table has columns that only Flask-Security has. */
export function looksLikeFlaskSecurity(names: readonly string[]): boolean {
  return names.some((name) => FLASK_SECURITY.has(foldName(name)));
}

/** Words in front that say whose it is. */
const WHOSE = /^(?:is|has|was)?(?:user|account|member|customer)?(?:is|has|was)?(?=.)/;
/** What is behind the name of a time. */
const TIME = /(?:at|on|date|time|timestamp|datetime|flag)$/;

const CONFIRMED = new Set([
  ...['confirmed', 'verified', 'validated', 'confirmedemail', 'verifiedemail'],
  ...['emailconfirmed', 'emailverified', 'emailvalidated', 'emailaddressconfirmed', 'emailaddressverified'],
  ...['mailconfirmed', 'mailverified', 'primaryemailverified', 'emailverification'],
]);

/** Yes: may sign in. */
const ACTIVE = new Set([
  ...['active', 'enabled', 'activated', 'approved', 'nonlocked', 'nonexpired', 'notlocked'],
  ...['canlogin', 'canlogon', 'cansignin', 'allowlogin', 'loginallowed', 'loginenabled', 'signinenabled'],
]);

/** The time since which somebody may sign in. */
const ACTIVATED = new Set(['enabled', 'activated', 'approved']);

/** Yes, or the time at which it became so: may not sign in. */
const DISABLED = new Set([
  ...['disabled', 'banned', 'blocked', 'suspended', 'deleted', 'softdeleted', 'locked', 'lockedout'],
  ...['deactivated', 'inactive', 'inactivated', 'archived', 'removed', 'closed', 'terminated', 'frozen'],
  ...['blacklisted', 'discarded', 'trashed', 'spam', 'spammer', 'expelled', 'unapproved', 'loginblocked'],
  ...['logindisabled', 'signindisabled', 'prohibitlogin', 'deleteat'],
]);

/** The time up to which somebody may not sign in: `banned_until`, `LockoutEnd`, `banExpires`. */
const UNTIL =
  /^(?:ban|banned|block|blocked|suspended|suspension|lock|locked|lockedout|lockout|disabled|deactivated|frozen)(?:until|till|end|ends|endat|endsat|endson|enddate|enddateutc|expires|expiresat|expireson|expiry|expiration)$/;

/** What their own software does not shut anybody out by. */
const HARMLESS = new Set([
  // ASP.NET Identity: whether somebody could be locked out. Everybody can.
  'lockoutenabled',
  // Devise: the address that is to be the new one.
  'unconfirmedemail',
]);

/** May mean it, or something else. */
const DOUBTFUL = new Set([
  ...['status', 'state', 'standing', 'ban', 'lock', 'block', 'pending', 'expired', 'expires', 'expiresat'],
  ...[
    'expiry',
    'expirydate',
    'expirationdate',
    'validuntil',
    'validto',
    'cancelled',
    'canceled',
    'cancelledat',
  ],
  ...[
    'canceledat',
    'revoked',
    'revokedat',
    'rejected',
    'rejectedat',
    'denied',
    'restricted',
    'hidden',
    'valid',
  ],
  // Names of others: Active Directory, LDAP, Kanidm, Magento, Discourse, Mastodon.
  ...['useraccountcontrol', 'shadowexpire', 'expire', 'accountexpire', 'accountexpires'],
  ...['confirmation', 'verificationstatus', 'emailstatus', 'emailisvalid', 'emailvalid'],
  ...['staged', 'memorial', 'delflag', 'deleteflag', 'useyn', 'validtill', 'notafter'],
  ...['enddate', 'terminationdate', 'exitdate', 'leavedate', 'leftat', 'inuse'],
  ...['actif', 'activo', 'activa', 'ativo', 'attivo', 'aktiv', 'actief', 'aktywny', 'bloqueado', 'bloque'],
  ...['bloccato', 'gesperrt', 'gel\u00f6scht', 'geloescht', 'geblokkeerd', 'supprime', 'eliminado'],
  ...['invalid', 'activation', 'deactivation', 'allowed', 'available', 'enable', 'expire', 'expiration'],
  ...['nologin', 'maylogin', 'accessallowed', 'signinallowed', 'hasaccess', 'hold', 'onhold'],
]);

/** A status of the account or the sign-in, in a table of its own too: `account_status_id`, `cognito:user_status`. */
const STATUS =
  /(?:^|:)(?:is)?(?:users?|usr|accounts?|acct|members?|membership|customer|login|logon|signin|auth|access|registration|current|record)*(?:status|state)(?:id|fk|key|code|cd|no|name|type|value|flag)?$/;

/** What is done to somebody who is shut out. */
const DEEDS = new Set([
  ...['ban', 'banned', 'block', 'blocked', 'suspended', 'suspension', 'deleted', 'deletion', 'disabled'],
  ...['deactivated', 'deactivation', 'locked', 'lockout', 'removed', 'archived', 'terminated', 'termination'],
]);

/** Who or which it is, not what. */
const REFERENCES = new Set(['id', 'ids', 'code', 'key']);

const OWNERS = new Set(['is', 'was', 'has', 'user', 'account', 'member', 'customer']);

const STRONG = new Set([
  ...['active', 'activated', 'inactive', 'deactivate', 'deactivated', 'enable', 'disable', 'disabled'],
  ...['ban', 'banned', 'bans', 'shadowbanned', 'block', 'blocked', 'lock', 'locked', 'lockout', 'suspend'],
  ...['suspended', 'suspension', 'del', 'delete', 'deleted', 'removed', 'trashed', 'archived', 'closed'],
  ...[
    'terminated',
    'frozen',
    'blacklist',
    'blacklisted',
    'expelled',
    'expired',
    'revoked',
    'rejected',
    'denied',
  ],
  ...['forbidden', 'restricted', 'quarantined', 'pending', 'approved', 'approval', 'unapproved', 'cancelled'],
  ...['canceled', 'confirmed', 'unconfirmed', 'verified', 'unverified', 'prohibit', 'prohibited', 'disallow'],
  ...['disallowed', 'barred', 'kicked', 'deprovisioned', 'offboarded', 'dismissed', 'withdrawn', 'erased'],
  ...['purged', 'anonymized', 'anonymised', 'fraud', 'sanctioned'],
  ...['canceled', 'confirmed', 'unconfirmed', 'verified', 'unverified', 'deletion', 'termination'],
  ...['quarantine', 'dormant'],
]);

/** Whether somebody may sign in, asked for in so many words: `prohibit_login` of Gitea, `allow_sign_in`, `nologin`. */
const SIGN_IN = /^(?:no|may|can|allow|deny|forbid|refuse|prohibit)(?:to)?(?:login|logon|signin|access)/;

/** In names of small letters alone, whose words nobody can tell. */
const INSIDE =
  /^(?!last|.*(?:phone|mobile|sms|factor|2fa|mfa)).*(?:banned|suspend|disabled|deactivat|locked|deleted|blacklist|inactive|isactive|verified|confirmed)/;

/** The column is about something else than the account. */
const ELSEWHERE = new Set([
  ...[
    'token',
    'key',
    'code',
    'secret',
    'sent',
    'count',
    'counts',
    'attempts',
    'ip',
    'last',
    'self',
    'id',
    'ids',
  ],
  ...[
    'phone',
    'mobile',
    'sms',
    'two',
    'factor',
    '2fa',
    'mfa',
    'totp',
    'otp',
    'backup',
    'webauthn',
    'passkey',
  ],
  ...['users', 'list', 'domains', 'session', 'sessions', 'organization', 'team', 'plan', 'subscription'],
  ...['newsletter', 'notification', 'notifications', 'marketing', 'reset', 'recovery', 'invitation'],
  ...['password', 'credentials', 'trial', 'card'],
]);

const ASIDE = new Set(['reason', 'by', 'note', 'notes', 'comment', 'message']);

const FLASK_SECURITY = new Set([
  ...['fsuniquifier', 'fstokenuniquifier', 'fswebauthnuserhandle', 'ustotpsecrets', 'tftotpsecret'],
]);

/** `isBanned_now` is `is`, `banned`, `now`. */
function wordsOf(name: string): readonly string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
}
