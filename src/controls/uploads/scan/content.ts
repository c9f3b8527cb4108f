/** `bulwark/content`: what is in files, before anybody is given them, and tables on their way out. */
export type { ArchiveLimits } from '../archive/archive-limits.ts';
export { clamd, type Clamd, type ClamdOptions, watchSignatures } from '../antivirus/clamd.ts';
export { fileAt, type WholeFile } from '../content/whole-file.ts';
export { csvCell, csvRow, type CsvSetup, type CsvValue } from '../csv/csv-cells.ts';
export type { PdfAct } from '../pdf/pdf-acts.ts';
export { Remaker, type Remade, type RemakerOptions } from '../remake/remaker.ts';
export { contentScan, type ContentRules, type FileScan, type ScannedFile, type ScanVerdict } from './scan.ts';
