declare module 'dynalite' {
  import type { Server } from 'node:http';

  interface DynaliteOptions {
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  /** An HTTP server that is not listening yet; in memory. */
  function dynalite(options?: DynaliteOptions): Server;
  export = dynalite;
}
