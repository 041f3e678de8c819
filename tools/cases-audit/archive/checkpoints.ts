/** What a checker needs of the checkpoint table. Reading only. */

export interface TableState {
  /** The last commit that was made; null before the first. */
  readonly head: { readonly seq: number; readonly sha256: string } | null;
  /** The last one that is wholly published. */
  readonly applied: number;
}

export interface LedgerPart {
  readonly caseId: string;
  readonly seq: number;
  /** Ledger ids: 16 bytes each, as `storedIds` takes them. */
  readonly ids: Uint8Array;
  /** Sort key of the item. */
  readonly sortKey: string;
}

/** Rejects with ArchiveError where the table refuses or fails, or holds an item that this version cannot read. */
export interface Checkpoints {
  /** For messages. */
  readonly name: string;
  /** Null if the table knows no such domain. */
  state(domainId: string): Promise<TableState | null>;
  /** Every part of the domain's ledger. */
  ledger(domainId: string): AsyncIterable<LedgerPart>;
  /** The entry of the retry list, open or closed; null if there never was one. */
  retry(domainId: string, caseId: string): Promise<{ readonly closed: boolean; readonly seq: number } | null>;
}
