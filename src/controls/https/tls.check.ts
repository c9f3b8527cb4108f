/** What `check` asks of an application about TLS: versions, suites, groups and the certificate, by handshakes of its own. */
import type { Handshake, SeenCertificate } from '../../core/handshake.ts';
import {
  type AsvsId,
  type CweId,
  fault,
  type Fault,
  judged,
  type Level,
  notSeen,
  type Outcome,
  type Rule,
  type RuleContext,
} from '../../core/rule.ts';

const DAY_MS = 86_400_000;
/** What authorities give at most (CA/Browser Forum, ballot SC-081: 200 days from March 2026 on, and less later). */
const MOST_DAYS = 398;
const SUITES_FIX = 'offer TLS 1.2 and 1.3 with ECDHE and AES-GCM or ChaCha20-Poly1305, and nothing else';

/** Rules about TLS. Each says what this machine's OpenSSL could not offer, and so has not seen. */
export const tlsRules: readonly Rule[] = [
  rule(
    'https.tls-versions',
    'TLS 1.2 and 1.3 are offered, and nothing older',
    'error',
    checkVersions,
    ['v5.0.0-12.1.1 (in part)'],
    ['CWE-327'],
  ),
  rule(
    'https.tls-suites',
    'Every suite of TLS 1.2 has forward secrecy and authenticated encryption',
    'error',
    checkSuites,
    ['v5.0.0-12.1.2 (in part)'],
    ['CWE-327'],
  ),
  rule(
    'https.tls-groups',
    'Keys are agreed on in groups that hold, later recordings included',
    'warning',
    checkGroups,
    [],
    ['CWE-326'],
  ),
  rule(
    'https.tls-certificate',
    'The certificate is for this name, within its time, and of an authority that clients know',
    'error',
    checkCertificate,
    ['v5.0.0-12.2.2 (in part)'],
    ['CWE-295', 'CWE-298'],
  ),
];

function rule(
  id: string,
  title: string,
  level: Level,
  run: (context: RuleContext) => Promise<Outcome>,
  asvs: readonly AsvsId[],
  cwe: readonly CweId[],
): Rule {
  return { id, title, level, guide: 2, asvs, cwe, needs: 'tls', run };
}

/** Old versions need old signatures, which OpenSSL offers at its lowest level alone. */
const EVERYTHING = 'ALL:COMPLEMENTOFALL:@SECLEVEL=0';

async function checkVersions({ handshake, site }: RuleContext): Promise<Outcome> {
  const faults: Fault[] = [];
  const seen: string[] = [];
  const reached: Handshake[] = [];
  for (const version of ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const) {
    const old = version === 'TLSv1' || version === 'TLSv1.1';
    const hands = await handshake({ version, ...(old && { ciphers: EVERYTHING }) });
    const text = `${version} ${wordsOf(hands)}`;
    seen.push(text);
    if (hands.shaken) reached.push(hands);
    if (hands.shaken && old) {
      faults.push(
        fault(
          'error',
          `${version} is offered, which browsers have given up`,
          text,
          'offer TLS 1.2 and 1.3 alone',
          {
            where: placeOf(site),
          },
        ),
      );
    }
    if (!hands.shaken && !hands.ours && version === 'TLSv1.3') {
      faults.push(
        fault('warning', 'TLS 1.3 is not offered', text, 'offer TLS 1.3, with a server that has it', {
          where: placeOf(site),
        }),
      );
    }
  }
  return reached.length === 0
    ? notSeen(`no handshake came about: ${seen.join(', ')}`)
    : judged(faults, seen.join(', '));
}

const CLASSES: readonly (readonly [what: string, level: Level, ciphers: string])[] = [
  ['without any encryption', 'error', 'eNULL:@SECLEVEL=0'],
  ['that anybody can answer, without a certificate', 'error', 'aNULL:!eNULL:@SECLEVEL=0'],
  ['of RC4, DES or 3DES', 'error', 'RC4:DES:3DES:@SECLEVEL=0'],
  ['without forward secrecy, so that whoever gets the key reads what was recorded', 'warning', 'kRSA:!eNULL:@SECLEVEL=0'],
  ['with CBC, which has been attacked again and again', 'note', 'ECDHE+AES:DHE+AES:!AESGCM:!AESCCM:!aNULL:@SECLEVEL=0'],
]; // prettier-ignore

async function checkSuites({ handshake, site }: RuleContext): Promise<Outcome> {
  const usual = await handshake({ version: 'TLSv1.2' });
  if (!usual.shaken) return notSeen(`TLS 1.2 ${wordsOf(usual)}: only there are suites to choose from`);
  const faults: Fault[] = [];
  const unseen: string[] = [];
  for (const [what, level, ciphers] of CLASSES) {
    const hands = await handshake({ version: 'TLSv1.2', ciphers });
    if (hands.shaken) {
      const told = `TLS 1.2 agreed on ${hands.cipher}`;
      faults.push(fault(level, `a suite ${what}, is taken`, told, SUITES_FIX, { where: placeOf(site) }));
    } else if (hands.ours) unseen.push(what);
  }
  const also =
    unseen.length === 0
      ? ''
      : `; not seen, since this machine cannot offer them: suites ${unseen.join('; ')}`;
  return judged(faults, `TLS 1.2 with ${usual.cipher}, and none of the weak ones that were offered${also}`);
}

async function checkGroups({ handshake, site }: RuleContext): Promise<Outcome> {
  const faults: Fault[] = [];
  const finite = await handshake({ version: 'TLSv1.2', ciphers: 'DHE:!aNULL:@SECLEVEL=0' });
  if (finite.shaken && (finite.groupBits ?? 2048) < 2048) {
    const seen = `TLS 1.2 with ${finite.cipher} in a group of ${finite.groupBits} bits`;
    faults.push(
      fault('warning', 'keys are agreed on in a group that is too small', seen, SUITES_FIX, {
        where: placeOf(site),
      }),
    );
  }
  const hybrid = await handshake({ version: 'TLSv1.3', groups: 'X25519MLKEM768' });
  const usual = hybrid.shaken ? hybrid : await handshake({});
  if (!usual.shaken) return notSeen(`no handshake came about: ${wordsOf(usual)}`);
  if (!hybrid.shaken && !hybrid.ours) {
    const seen = `X25519MLKEM768 ${wordsOf(hybrid)}; otherwise ${wordsOf(usual)}`;
    faults.push(
      fault(
        'note',
        'what is recorded today can be read once there are quantum computers',
        seen,
        'offer X25519MLKEM768 beside X25519: OpenSSL 3.5 and Node.js 24 do by themselves',
        { where: placeOf(site) },
      ),
    );
  }
  return judged(faults, hybrid.shaken ? `X25519MLKEM768 ${wordsOf(hybrid)}` : wordsOf(usual));
}

/** What OpenSSL and Node.js call it, and what it means for a visitor. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'the certificate is out of date',
  CERT_NOT_YET_VALID: 'the certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another name',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is signed by nobody but itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is of an authority that clients do not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the chain has a gap: an intermediate certificate is not sent along',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the chain has a gap, or is of an authority that clients do not know',
};

async function checkCertificate({ handshake, site }: RuleContext): Promise<Outcome> {
  const hands = await handshake({});
  if (!hands.shaken) return notSeen(`no handshake came about: ${wordsOf(hands)}`);
  const [own] = hands.chain;
  if (own === undefined) return notSeen('the server showed no certificate');
  const evidence = `${describe(own)}, a chain of ${hands.chain.length}`;
  const faults: Fault[] = [];
  const where = placeOf(site);
  if (hands.untrusted !== undefined) {
    const message = UNTRUSTED[hands.untrusted] ?? `clients do not trust the certificate (${hands.untrusted})`;
    faults.push(
      fault(
        'error',
        message,
        evidence,
        'a certificate of a public authority for this name, with its whole chain',
        { where },
      ),
    );
  }
  const left = (own.to.getTime() - Date.now()) / DAY_MS;
  if (left > 0 && left < 14) {
    faults.push(
      fault(
        'warning',
        `the certificate ends in ${Math.floor(left)} days`,
        evidence,
        'renew it by a program, a month ahead: bulwark gateway --acme',
        { where, mark: 'ends soon' },
      ),
    );
  }
  if ((own.to.getTime() - own.from.getTime()) / DAY_MS > MOST_DAYS + 1) {
    faults.push(
      fault(
        'note',
        `the certificate is for more than ${MOST_DAYS} days, which browsers refuse of public authorities`,
        evidence,
        'one for 90 days, renewed by a program',
        { where },
      ),
    );
  }
  if (own.bits !== undefined && own.curve === undefined && own.bits < 2048) {
    faults.push(
      fault('error', `its key has ${own.bits} bits`, evidence, 'a new key: P-256, or RSA of 2048 bits', {
        where,
      }),
    );
  }
  // A root is trusted by what it is: who signed it says nothing.
  const forgeable = hands.chain.find(
    ({ signature }, at) => /sha1|md[245]/i.test(signature ?? '') && (at === 0 || at < hands.chain.length - 1),
  );
  if (forgeable !== undefined) {
    faults.push(
      fault(
        'error',
        'the certificate is signed over SHA-1 or MD5, of which two texts with one digest can be made',
        `${forgeable.signature} of ${forgeable.subject}`,
        'one that is signed over SHA-256: every public authority does',
        { where, mark: 'signature' },
      ),
    );
  }
  return judged(faults, evidence);
}

function describe({ subject, names, to, bits, curve }: SeenCertificate): string {
  const key = curve ?? (bits === undefined ? 'a key of unknown kind' : `RSA of ${bits} bits`);
  return `${names === '' ? subject : names}, until ${Number.isNaN(to.getTime()) ? 'no date' : to.toISOString().slice(0, 10)}, ${key}`;
}

function placeOf({ origin }: RuleContext['site']): { readonly url: string } {
  return { url: origin };
}

function wordsOf(hands: Handshake): string {
  if (hands.shaken) {
    const group = hands.group === undefined ? '' : `, ${hands.group}`;
    return `agreed on ${hands.version} with ${hands.cipher}${group}`;
  }
  return hands.ours
    ? `was not seen: this machine cannot offer it (${hands.why})`
    : `was refused (${hands.why})`;
}
