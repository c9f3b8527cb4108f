/** `bulwark/uploads`: files that accounts keep, taken from forms and sent again, on every host. */
export type { FileBytes, FileWriter } from '../files/bytes/file-bytes.ts';
export { type S3BytesOptions, type S3Client, s3Bytes } from '../files/bytes/s3.ts';
export type { NotShared, ShareWish } from '../files/file-room.ts';
export type { FilesOptions } from '../files/files.options.ts';
export { FormRefusedError, type RefusedFile, type TakenForm } from '../hosted-files/take-files.ts';
export type { StoredFile } from '../hosted-files/stored-file.ts';
export {
  type FileShare,
  type GivenFile,
  type MadeShare,
  type NoShare,
  type Page,
  type PageOptions,
  type TakeOptions,
  Uploads,
  type UploadsLayer,
} from '../hosted-files/uploads.ts';
