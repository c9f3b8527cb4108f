/** The process that `audit-log.test.ts` kills: writes events as fast as it can, and prints the number of each that is acknowledged. */
import { AuditLog } from '../../src/audit/audit.ts';
import { auditOptions } from '../../src/audit/audit.options.ts';
import { auditFileOptions } from '../../src/audit/file/file.options.ts';
import { openerOf } from '../../src/audit/file/open-log.ts';
import { PersonKeys } from '../../src/audit/personal/person-keys.ts';
import { KeyRing } from '../../src/core/key-ring.ts';
import { defaultsOf } from '../../src/core/options.ts';

const [path, first = '0', mode = 'storm', persons] = process.argv.slice(2);
if (path === undefined) throw new Error('which file?');
const file = { ...defaultsOf(auditFileOptions), path, headRecords: 200 };
const ring = new KeyRing([Buffer.alloc(32, 7)]);
const audit = new AuditLog({ ...defaultsOf(auditOptions), file }, Date.now, process, {
  openFile: openerOf(file, ring),
  persons: persons === undefined ? undefined : new PersonKeys(persons, ring),
});
const kind = { name: 'sensitive_create', level: 'warn', meaning: '', details: {} } as const;
for (let n = Number(first); ; n += 1) {
  audit.write(kind, (persons === undefined ? { n } : { n, account: `person ${n}` }) as never);
  if (mode === 'slow') await new Promise((resolve) => void setTimeout(resolve, 1));
  if (n % 20 !== 0) continue;
  await audit.flushed();
  process.stdout.write(`${n}\n`);
}
