/** What a message tells of: it went well, well with something to weigh, or not. */
export const messageKinds = ['success', 'warning', 'failure'] as const;
export type MessageKind = (typeof messageKinds)[number];
