/** A value that is never shown: it is read when it is needed, and only its origin is said. */
export interface Secret {
  /** For people: `SLACK_WEBHOOK_URL in .env`. */
  readonly origin: string;
  /** Throws `secret-unreadable`, naming the origin. */
  read(signal: AbortSignal): Promise<string>;
}
