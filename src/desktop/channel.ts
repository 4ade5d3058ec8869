/** The only names that cross between the window and the main process, and the address the window is served under. */
export const callChannel = 'muster:call';
export const changeChannel = 'muster:change';
export const giveChannel = 'muster:give';
export const takeChannel = 'muster:take';
export const scheme = 'muster';
export const origin = 'muster://window';
