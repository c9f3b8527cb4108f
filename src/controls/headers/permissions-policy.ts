/** Permissions-Policy: which powerful features a page may use at all, whoever's script asks. */
import { isPlainObject, joinPath, type Read, refuseUnknown, Unfit } from '../../core/options.ts';
import { parseOrigin } from '../../core/origin.ts';

/** Features and who may use them: `self`, https origins, or nobody. */
export type Permissions = Readonly<Record<string, readonly string[]>>;

/**
 * What every page denies itself: the features that people grant a site once and for good, and that look into the
 * room they sit in. Others a policy may name; each costs some fifteen bytes in every answer, and a page has 950.
 */
export const DENIED: Permissions = { camera: [], microphone: [], geolocation: [], usb: [] };

/** The features a policy may name. */
export const FEATURES: readonly string[] = [
  'accelerometer',
  'ambient-light-sensor',
  'autoplay',
  'bluetooth',
  'browsing-topics',
  'camera',
  'clipboard-read',
  'clipboard-write',
  'compute-pressure',
  'cross-origin-isolated',
  'display-capture',
  'encrypted-media',
  'fullscreen',
  'gamepad',
  'geolocation',
  'gyroscope',
  'hid',
  'identity-credentials-get',
  'idle-detection',
  'keyboard-map',
  'local-fonts',
  'local-network-access',
  'magnetometer',
  'microphone',
  'midi',
  'otp-credentials',
  'payment',
  'picture-in-picture',
  'publickey-credentials-create',
  'publickey-credentials-get',
  'screen-wake-lock',
  'serial',
  'speaker-selection',
  'storage-access',
  'sync-xhr',
  'unload',
  'usb',
  'web-share',
  'window-management',
  'xr-spatial-tracking',
];

/** Reads features onto {@link DENIED}: naming one leaves the others denied. */
export const readPermissions: Read<Permissions> = (value, path, problems) => {
  if (!isPlainObject(value)) throw new Unfit("an object of features, such as { camera: ['self'] }");
  const merged: Record<string, readonly string[]> = { ...DENIED };
  for (const [feature, list] of Object.entries(value)) {
    if (!FEATURES.includes(feature)) refuseUnknown(path, feature, FEATURES, problems);
    else {
      const who = readAllowlist(list);
      if (who !== undefined) merged[feature] = who;
      else {
        problems.refuse(
          'ERR_BULWARK_INVALID_OPTION',
          joinPath(path, feature),
          "it must be a list of 'self' and https origins; an empty one is for nobody, and there is no wildcard.",
          `${feature}: ['self', 'https://maps.example']`,
        );
      }
    }
  }
  return merged;
};

/** The header's value: a structured field (RFC 9651), without the spaces it does not need. */
export function writePermissions(permissions: Permissions): string {
  return Object.entries(permissions)
    .map(([feature, who]) => `${feature}=(${who.map(writeOrigin).join(' ')})`)
    .join(',');
}

/**
 * The application's own header joined with the policy's: what either denies is denied. Undefined where the own one
 * is not well formed. Browsers ignore all of a malformed field, so that joining it would lose the policy's part too.
 */
export function joinPermissions(own: string, permissions: Permissions): string | undefined {
  const members = parseMembers(own);
  if (members === undefined) return undefined;
  for (const [feature, who] of Object.entries(permissions)) {
    if (members.get(feature) !== '()') members.set(feature, `(${who.map(writeOrigin).join(' ')})`);
  }
  return [...members].map(([feature, who]) => `${feature}=${who}`).join(',');
}

const MEMBER =
  /^([a-z][a-z0-9-]{0,63})=(\*|self|\((?:[ ]*(?:\*|self|src|"[\x21\x23-\x5b\x5d-\x7e]{1,256}"))*[ ]*\))$/;

/** Feature by feature. A later one of the same name counts, as RFC 9651 3.2 has it. */
function parseMembers(own: string): Map<string, string> | undefined {
  const members = new Map<string, string>();
  for (const part of own.split(',')) {
    const member = MEMBER.exec(part.trim());
    if (member?.[1] === undefined || member[2] === undefined) return undefined;
    members.set(member[1], member[2]);
  }
  return members;
}

function readAllowlist(list: unknown): readonly string[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const who: string[] = [];
  for (const entry of list as readonly unknown[]) {
    if (typeof entry !== 'string') return undefined;
    const parsed = entry === 'self' ? undefined : parseOrigin(entry);
    if (entry !== 'self' && parsed?.scheme !== 'https') return undefined;
    who.push(parsed?.origin ?? 'self');
  }
  return who;
}

function writeOrigin(who: string): string {
  return who === 'self' ? who : `"${who}"`;
}
