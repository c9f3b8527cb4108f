/** What an application is built of, for others to read: CycloneDX 1.6 (ECMA-424) and SPDX 2.3 (ISO/IEC 5962 is 2.2.1). */
import { createHash } from 'node:crypto';
import type { LockFile } from './locks.ts';
import type { PackageEntry } from './package-entry.ts';

/** What the list is of, and when it was made. */
export interface SbomFacts {
  readonly name: string;
  readonly version: string;
  /** Of the program that made it. */
  readonly toolVersion: string;
  readonly at: Date;
}

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Packages of all locks, each version once, in the order of their names. Folders of the tree itself are none. */
export function packagesOf(locks: readonly LockFile[]): readonly PackageEntry[] {
  const all = new Map<string, PackageEntry>();
  for (const { lock } of locks) {
    for (const one of lock.packages) {
      if (one.local || one.version === '') continue;
      const known = all.get(purlOf(one));
      // What runs in production is no tool because another lock has it as one.
      if (known === undefined || (known.development && !one.development)) all.set(purlOf(one), one);
    }
  }
  return [...all.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

/** Package URL: `pkg:npm/%40scope/name@1.0.0`. */
export function purlOf({ ecosystem, name, version }: PackageEntry): string {
  const parts = name.split('/').map(encodeURIComponent).join('/');
  return `pkg:${ecosystem === 'npm' ? 'npm' : 'pypi'}/${parts}@${encodeURIComponent(version).replaceAll('!', '%21')}`;
}

/** As CycloneDX 1.6 in JSON. The same packages make the same serial number. */
export function cycloneDx(
  packages: readonly PackageEntry[],
  { name, version, toolVersion, at }: SbomFacts,
): Json {
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf([name, version, ...packages.map(purlOf)])}`,
    version: 1,
    metadata: {
      timestamp: at.toISOString(),
      tools: { components: [{ type: 'application', name: 'bulwark', version: toolVersion }] },
      component: { type: 'application', 'bom-ref': 'root', name, version },
    },
    components: packages.map((one) => ({
      type: 'library',
      'bom-ref': purlOf(one),
      ...scopeOf(one),
      name: baseOf(one),
      version: one.version,
      scope: one.development ? 'excluded' : 'required',
      ...hashesOf(one),
      ...licenceOf(one),
      purl: purlOf(one),
      ...(one.from !== undefined &&
        URL.canParse(one.from) && { externalReferences: [{ type: 'distribution', url: one.from }] }),
    })),
    dependencies: [{ ref: 'root', dependsOn: packages.map(purlOf) }],
  };
}

/** As SPDX 2.3 in JSON. */
export function spdx(packages: readonly PackageEntry[], { name, version, toolVersion, at }: SbomFacts): Json {
  const idOf = (one: PackageEntry): string =>
    `SPDXRef-${purlOf(one).replaceAll(/[^A-Za-z0-9.-]/g, '-')}-${digest(purlOf(one)).slice(0, 8)}`;
  return {
    spdxVersion: 'SPDX-2.3',
    dataLicense: 'CC0-1.0',
    SPDXID: 'SPDXRef-DOCUMENT',
    name: `${name}-${version}`,
    documentNamespace: `https://spdx.org/spdxdocs/${encodeURIComponent(name)}-${uuidOf([name, version, ...packages.map(purlOf)])}`,
    creationInfo: {
      created: at.toISOString().replace(/\.\d+Z$/, 'Z'),
      creators: [`Tool: bulwark-${toolVersion}`],
    },
    packages: [
      {
        SPDXID: 'SPDXRef-root',
        name,
        versionInfo: version,
        downloadLocation: 'NOASSERTION',
        filesAnalyzed: false,
        licenseConcluded: 'NOASSERTION',
        licenseDeclared: 'NOASSERTION',
        copyrightText: 'NOASSERTION',
      },
      ...packages.map((one) => ({
        SPDXID: idOf(one),
        name: one.name,
        versionInfo: one.version,
        downloadLocation:
          one.from !== undefined && /^(?:https?|git\+https?|git\+ssh):\/\//.test(one.from)
            ? one.from
            : 'NOASSERTION',
        filesAnalyzed: false,
        licenseConcluded: 'NOASSERTION',
        licenseDeclared: one.licence !== undefined && isExpression(one.licence) ? one.licence : 'NOASSERTION',
        copyrightText: 'NOASSERTION',
        checksums: digestsOf(one).map(({ spdxName, hex }) => ({ algorithm: spdxName, checksumValue: hex })),
        externalRefs: [
          { referenceCategory: 'PACKAGE-MANAGER', referenceType: 'purl', referenceLocator: purlOf(one) },
        ],
      })),
    ],
    relationships: [
      {
        spdxElementId: 'SPDXRef-DOCUMENT',
        relationshipType: 'DESCRIBES',
        relatedSpdxElement: 'SPDXRef-root',
      },
      ...packages.map((one) =>
        one.development
          ? {
              spdxElementId: idOf(one),
              relationshipType: 'DEV_DEPENDENCY_OF',
              relatedSpdxElement: 'SPDXRef-root',
            }
          : { spdxElementId: 'SPDXRef-root', relationshipType: 'DEPENDS_ON', relatedSpdxElement: idOf(one) },
      ),
    ],
  };
}

const ALGORITHMS: Readonly<Record<string, readonly [cycloneDx: string, spdx: string, bytes: number]>> = {
  sha1: ['SHA-1', 'SHA1', 20],
  sha256: ['SHA-256', 'SHA256', 32],
  sha384: ['SHA-384', 'SHA384', 48],
  sha512: ['SHA-512', 'SHA512', 64],
};

interface Digest {
  readonly cycloneName: string;
  readonly spdxName: string;
  readonly hex: string;
}

/** One of a kind: of a release of Python with many files there are many, and none is that of the package. */
function digestsOf({ ecosystem, hashes }: PackageEntry): readonly Digest[] {
  if (ecosystem === 'PyPI' && hashes.length > 1) return [];
  return hashes.flatMap((hash) => {
    const { name = '', value = '' } = /^(?<name>sha\d+)[-:](?<value>[^?]+)/.exec(hash)?.groups ?? {};
    const known = ALGORITHMS[name];
    if (known === undefined) return [];
    const bytes = hash.includes(':') ? Buffer.from(value, 'hex') : Buffer.from(value, 'base64');
    return bytes.length === known[2]
      ? [{ cycloneName: known[0], spdxName: known[1], hex: bytes.toString('hex') }]
      : [];
  });
}

function hashesOf(one: PackageEntry): { readonly hashes?: Json } {
  const digests = digestsOf(one);
  return digests.length === 0
    ? {}
    : { hashes: digests.map(({ cycloneName, hex }) => ({ alg: cycloneName, content: hex })) };
}

function licenceOf({ licence }: PackageEntry): { readonly licenses?: Json } {
  if (licence === undefined) return {};
  return { licenses: isExpression(licence) ? [{ expression: licence }] : [{ license: { name: licence } }] };
}

/** Whether it is written as SPDX has it: names and words between them. */
function isExpression(licence: string): boolean {
  return (
    /^\(?[A-Za-z0-9.+-]+(?:\)? (?:AND|OR|WITH) \(?[A-Za-z0-9.+-]+)*\)?$/.test(licence) &&
    !/^(?:UNLICENSED|SEE|LICENSE|Apache 2|BSD$|MIT\/)/i.test(licence)
  );
}

function scopeOf({ name }: PackageEntry): { readonly group?: string } {
  return name.startsWith('@') && name.includes('/') ? { group: name.slice(0, name.indexOf('/')) } : {};
}

function baseOf({ name }: PackageEntry): string {
  return name.startsWith('@') ? name.slice(name.indexOf('/') + 1) : name;
}

/** Of what is in it, in the form of a random one (RFC 9562, version 8). */
function uuidOf(parts: readonly string[]): string {
  const hex = digest(parts.join('\n'));
  const variant = ((Number.parseInt(hex[16] ?? '0', 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
