/**
 * Bounds that both sides of the window need. Apart from contract.ts because the renderer takes these as values and
 * must not drag the argument checker into the page: zod probes `eval`, which the page's own policy forbids.
 */

/** Longest text of one message; the envelope has room for more, a screen has not. */
export const maxTextLength = 8000;

/** Characters of a search. */
export const maxSearchLength = 200;

/** Characters of a proxy's address, and of its name and its password each: more than any that can be used has. */
export const maxProxyLength = 2048;

/** Most people that are let into a room, or put out of it, in one go. */
export const maxAtOnce = 64;

/** Most messages that a window says are on its screen in one go. */
export const maxSeen = 200;

/** Bytes of a file that is given to the window. Of a courier file: twice what a device keeps. A file for a room may have less. */
export const maxGivenBytes = 256 * 1024 * 1024;

/** 100 MB, as in the core: what a room takes. */
export const maxSentBytes = 100 * 1024 * 1024;

/** Bytes of a given file that cross to the main process at once. */
export const maxPieceBytes = 1024 * 1024;
