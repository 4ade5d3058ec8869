/** Versions of the conversation between device and relay that this code speaks, newest first. */
export const versions: readonly number[] = [1];

/** The newest version both sides speak, or `undefined`. */
export function pickVersion(offered: readonly number[]): number | undefined {
  return versions.find((version) => offered.includes(version));
}
