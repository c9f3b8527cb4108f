/** What the thread that makes files anew is asked, and answers. */

/** An image to be decoded and written anew. */
export interface ImageJob {
  readonly kind: 'image';
  readonly bytes: Uint8Array;
  /** Width times height, of all frames together. */
  readonly pixels: number;
  readonly frames: number;
  readonly seconds: number;
}

/** Markup to be written anew without what acts. */
export interface MarkupJob {
  readonly kind: 'svg' | 'html';
  readonly bytes: Uint8Array;
}

/** Either of them. */
export type MakeJob = ImageJob | MarkupJob;

/**
 * Why nothing was made. `kind`: it is none of the kinds that are made anew. `pixels`, `frames`: too many, by what stands in its
 * head. `broken`: it is cut or damaged. `slow`: it took too long. `size`: too many bytes. `missing`: a package is not installed.
 */
export type NotMade = 'kind' | 'pixels' | 'frames' | 'broken' | 'slow' | 'size' | 'missing';

/** What came of it. Width and height are 0 for markup. */
export type Made =
  | {
      readonly ok: true;
      readonly bytes: Uint8Array;
      readonly type: string;
      readonly width: number;
      readonly height: number;
    }
  | { readonly ok: false; readonly reason: NotMade };
