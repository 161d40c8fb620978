/** SHA-256 beside the main thread. */

export interface Hasher extends AsyncDisposable {
  /** Takes the bytes (they may be reused afterwards); resolves when there is room for more. */
  update(chunk: Uint8Array): Promise<void>;
  /** Hex. Ends the hasher. */
  digest(): Promise<string>;
}

export declare function startHasher(): Hasher;
