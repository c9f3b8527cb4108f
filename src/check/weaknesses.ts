/**
 * What somebody does with a weakness, for rules that do not say it themselves: by the number of the CWE catalogue
 * (cwe.mitre.org, 4.18), whose names these are; the sentences are ours.
 */
import type { CweId, RuleFacts } from '../core/rule.ts';

type Row = readonly [name: string, why: string];

const WEAKNESSES: Readonly<Record<CweId, Row>> = {
  'CWE-20': ['Improper Input Validation', 'What was never expected is worked on all the same.'],
  'CWE-22': ['Path Traversal', 'A path that climbs out of its folder reads or writes files that nobody meant to share.'],
  'CWE-41': ['Improper Resolution of Path Equivalence', 'A rule looks at one spelling of a path, and the application opens another.'],
  'CWE-78': ['OS Command Injection', 'What somebody types in becomes a command of the server.'],
  'CWE-79': ['Cross-site Scripting', 'Script of an attacker runs as the site: it reads pages, sends forms and acts for whoever is signed in.'],
  'CWE-89': ['SQL Injection', 'What somebody types in becomes part of a query, and reads or changes the whole database.'],
  'CWE-94': ['Code Injection', 'What somebody types in runs as code on the server.'],
  'CWE-95': ['Eval Injection', 'What somebody types in runs as code on the server.'],
  'CWE-116': ['Improper Encoding or Escaping of Output', 'Text is taken for markup or for a command by whoever reads it next.'],
  'CWE-158': ['Improper Neutralization of Null Byte', 'A name is cut at a NUL, so that the check and the use see different files.'],
  'CWE-174': ['Double Decoding of the Same Data', 'What was checked is decoded once more, and is then something else.'],
  'CWE-200': ['Exposure of Sensitive Information', 'Somebody learns what only the site or its users should know.'],
  'CWE-203': ['Observable Discrepancy', 'Answers that differ tell who has an account here, which is the list that guessing and phishing begin with.'],
  'CWE-204': ['Observable Response Discrepancy', 'Answers that differ tell who has an account here, which is the list that guessing and phishing begin with.'],
  'CWE-208': ['Observable Timing Discrepancy', 'The time of an answer tells who has an account here, whatever its words say.'],
  'CWE-209': ['Error Message Containing Sensitive Information', 'An error page tells which software, paths and queries to attack next.'],
  'CWE-250': ['Execution with Unnecessary Privileges', 'Whoever breaks into the process can do what it can, and it can do more than it needs.'],
  'CWE-256': ['Plaintext Storage of a Password', 'Whoever reads the file has the password.'],
  'CWE-259': ['Use of Hard-coded Password', 'Whoever has the source has the password, and it cannot be changed without a release.'],
  'CWE-284': ['Improper Access Control', 'Somebody does what only others may do.'],
  'CWE-287': ['Improper Authentication', 'Somebody passes for another.'],
  'CWE-294': ['Authentication Bypass by Capture-replay', 'What signed somebody in signs in whoever has seen it, once more.'],
  'CWE-295': ['Improper Certificate Validation', 'Anybody on the way passes for the server, and reads and changes all of it.'],
  'CWE-296': ['Improper Following of a Chain of Trust', 'Clients cannot tell this server from one that only says so.'],
  'CWE-298': ['Improper Validation of Certificate Expiration', 'Visitors learn to click warnings away, and programs stop.'],
  'CWE-307': ['Improper Restriction of Excessive Authentication Attempts', 'Passwords are guessed one after the other until one fits.'],
  'CWE-308': ['Use of Single-factor Authentication', 'The password alone is enough, whatever else is asked for.'],
  'CWE-311': ['Missing Encryption of Sensitive Data', 'Anybody on the way reads it.'],
  'CWE-312': ['Cleartext Storage of Sensitive Information', 'Whoever reads the file has it.'],
  'CWE-319': ['Cleartext Transmission of Sensitive Information', 'Anybody on the way, in a cafe or at a provider, reads and changes what is sent.'],
  'CWE-326': ['Inadequate Encryption Strength', 'What was recorded today can be read later.'],
  'CWE-327': ['Use of a Broken or Risky Cryptographic Algorithm', 'The protection can be undone by whoever knows how.'],
  'CWE-328': ['Use of Weak Hash', 'Something else can be made that has the same hash, or what was hashed is guessed.'],
  'CWE-330': ['Use of Insufficiently Random Values', 'What should be a secret can be guessed or is known from before.'],
  'CWE-338': ['Use of Cryptographically Weak PRNG', 'Who sees some values computes the next ones.'],
  'CWE-346': ['Origin Validation Error', 'A page of another site acts here in the name of whoever visits it.'],
  'CWE-347': ['Improper Verification of Cryptographic Signature', 'Anybody writes a token that is believed.'],
  'CWE-348': ['Use of Less Trusted Source', 'What a client makes up about itself is believed.'],
  'CWE-352': ['Cross-Site Request Forgery', 'A page of another site sends forms here in the name of whoever visits it, and is signed in here.'],
  'CWE-353': ['Missing Support for Integrity Check', 'Who changes the file at its host runs script in every page that loads it.'],
  'CWE-384': ['Session Fixation', 'An attacker hands somebody a session id, waits for the sign-in, and is signed in too.'],
  'CWE-400': ['Uncontrolled Resource Consumption', 'Few requests keep the server from answering anybody else.'],
  'CWE-434': ['Unrestricted Upload of File with Dangerous Type', 'A file that was sent in runs, on the server or in a browser.'],
  'CWE-436': ['Interpretation Conflict', 'What checks a request and what serves it read two different things.'],
  'CWE-444': ['HTTP Request Smuggling', 'A request hides in another, past every rule of the proxy.'],
  'CWE-451': ['UI Misrepresentation of Critical Information', 'A person cannot see what they consent to.'],
  'CWE-489': ['Active Debug Code', 'A debugger hands out the source, the settings and often a prompt on the server.'],
  'CWE-494': ['Download of Code Without Integrity Check', 'Whoever stands between or behind a download has code of theirs run here.'],
  'CWE-497': ['Exposure of System Information', 'Attackers need not guess which known hole to try.'],
  'CWE-502': ['Deserialization of Untrusted Data', 'What is read back builds objects of the attacker, and with them runs code.'],
  'CWE-521': ['Weak Password Requirements', 'Short and common passwords are guessed at the first tries.'],
  'CWE-522': ['Insufficiently Protected Credentials', 'What signs somebody in can be read by others.'],
  'CWE-524': ['Use of Cache Containing Sensitive Information', 'A cache hands what is one person\'s to the next.'],
  'CWE-525': ['Use of Web Browser Cache Containing Sensitive Information', 'Who uses the computer next goes back a page and reads it.'],
  'CWE-527': ['Exposure of Version-Control Repository', 'The whole source can be downloaded, with every secret that was ever committed.'],
  'CWE-530': ['Exposure of Backup File', 'Source, settings or data can be downloaded under a name that anybody guesses.'],
  'CWE-532': ['Insertion of Sensitive Information into Log File', 'Whoever reads the log has it.'],
  'CWE-540': ['Inclusion of Sensitive Information in Source Code', 'The source tells what only the server should know.'],
  'CWE-548': ['Exposure Through Directory Listing', 'A list shows files that no link leads to.'],
  'CWE-552': ['Files or Directories Accessible to External Parties', 'A file that holds secrets can be downloaded by anybody.'],
  'CWE-565': ['Reliance on Cookies without Validation', 'A cookie that another host or a network wrote is taken for ours.'],
  'CWE-601': ['Open Redirect', 'A link that begins with the name of the site ends at an attacker\'s page.'],
  'CWE-611': ['XML External Entity', 'A document has the server read files and call addresses.'],
  'CWE-613': ['Insufficient Session Expiration', 'A session that somebody has copied goes on working after its owner has left.'],
  'CWE-614': ['Sensitive Cookie Without Secure', 'The cookie crosses the network in clear, and whoever reads it is signed in.'],
  'CWE-625': [
    'Permissive Regular Expression',
    'What only looks like the right name passes for it.',
  ],
  'CWE-639': ['Authorization Bypass Through User-Controlled Key', 'Who changes a number in the address sees what belongs to another account.'],
  'CWE-640': ['Weak Password Recovery', 'The way back in is easier than the way in.'],
  'CWE-644': ['Improper Neutralization of HTTP Headers', 'What a client sends in a header ends up in links and mails of others.'],
  'CWE-668': ['Exposure of Resource to Wrong Sphere', 'What is meant for one host or process reaches others.'],
  'CWE-693': ['Protection Mechanism Failure', 'A defence that browsers or servers offer is not used, so that one mistake elsewhere is enough.'],
  'CWE-732': ['Incorrect Permission Assignment', 'More people or programs can read or change it than need to.'],
  'CWE-770': ['Allocation of Resources Without Limits', 'One client takes what all others need.'],
  'CWE-778': ['Insufficient Logging', 'Nobody can see afterwards what happened.'],
  'CWE-798': ['Use of Hard-coded Credentials', 'Whoever has the source has the secret.'],
  'CWE-829': ['Inclusion of Functionality from Untrusted Control Sphere', 'Somebody else\'s code runs as part of the site.'],
  'CWE-830': ['Inclusion of Web Functionality from an Untrusted Source', 'Somebody else\'s code runs as part of the site.'],
  'CWE-862': ['Missing Authorization', 'Nobody asks whether this person may do this.'],
  'CWE-863': ['Incorrect Authorization', 'The wrong people may do this.'],
  'CWE-915': ['Mass Assignment', 'A field that no form has sets what only the server should set.'],
  'CWE-916': ['Password Hash With Insufficient Effort', 'A stolen table of passwords is guessed in hours.'],
  'CWE-918': ['Server-Side Request Forgery', 'The server calls addresses that an attacker names, behind every firewall.'],
  'CWE-942': ['Permissive Cross-domain Policy', 'Pages of any site read answers that are meant for whoever is signed in.'],
  'CWE-1004': ['Sensitive Cookie Without HttpOnly', 'Script that gets into a page takes the cookie along.'],
  'CWE-1021': ['Clickjacking', 'A page of another site lays this one under the mouse, and whoever clicks there acts here.'],
  'CWE-1104': ['Use of Unmaintained Third Party Components', 'Holes that are found in it are mended by nobody.'],
  'CWE-1275': ['Cookie with Improper SameSite', 'The cookie comes along with requests that other sites make.'],
  'CWE-1333': ['Inefficient Regular Expression Complexity', 'One text keeps the server busy for minutes.'],
  'CWE-1336': ['Template Injection', 'What somebody types in runs as code of the template.'],
  'CWE-1385': ['Missing Origin Validation in WebSockets', 'A page of another site opens a connection in the name of whoever visits it, and reads along.'],
  'CWE-1395': ['Dependency on Vulnerable Component', 'How to attack it is public.'],
}; // prettier-ignore

/** What the catalogue calls a weakness; its number where it is not in the table. */
export function weaknessName(id: CweId): string {
  return WEAKNESSES[id]?.[0] ?? id;
}

/** Why a rule matters: its own words, or those of its first weakness. */
export function whyOf({ why, cwe, title }: Pick<RuleFacts, 'why' | 'cwe' | 'title'>): string {
  if (why !== undefined) return why;
  const known = cwe.map((id) => WEAKNESSES[id]?.[1]).find((text) => text !== undefined);
  return known ?? `It holds where: ${title}.`;
}
