/** Loaded before an application: tells the test on which ports it listens, since the page's lines say 3000 and none can be told. */
import { subscribe } from 'node:diagnostics_channel';

subscribe('tracing:net.server.listen:asyncEnd', ({ server }) => process.send?.(server.address().port));
