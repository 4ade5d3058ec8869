/** The only two names that cross between the window and the main process, and the address the window is served under. */
export const callChannel = 'muster:call';
export const changeChannel = 'muster:change';
export const scheme = 'muster';
export const origin = 'muster://window';
