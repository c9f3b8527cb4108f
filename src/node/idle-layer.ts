/** The layer of a build: its modules are imported there, and nobody is to be served by it. */
import { BulwarkError } from '../core/errors.ts';
import { INTERNAL_ERROR, type Verdict } from '../core/verdict.ts';
import { Layer } from '../layer/layer.ts';

/** Says no to everything. */
export class IdleLayer extends Layer {
  override decide(): Verdict {
    return INTERNAL_ERROR;
  }
}

/** @throws BulwarkError ERR_BULWARK_BUILDING */
export function refuseInBuild(layer: Layer): void {
  if (!(layer instanceof IdleLayer)) return;
  throw new BulwarkError(
    'ERR_BULWARK_BUILDING',
    'the layer was made while the application is built, with no secret and no store: start the server by a command of its own, and without BULWARK_BUILD',
  );
}
