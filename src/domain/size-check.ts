/** Limits on the size of a backup; null switches one off. All are about plain bytes. */
export interface SizeLimits {
  /** Smaller fails. */
  readonly minimumBytes: number | null;
  /** Smaller warns. */
  readonly smallBytes: number | null;
  /** 0.5: half or one and a half of the previous ones warns. */
  readonly changeRatio: number | null;
  readonly changeBytes: number | null;
}

export const usualSizeLimits: SizeLimits = {
  minimumBytes: 1000,
  smallBytes: 1_000_000,
  changeRatio: 0.5,
  changeBytes: 1_000_000_000,
};
