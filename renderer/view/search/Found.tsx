/** A text with the parts that were found in it marked. It stays text: nothing that somebody wrote is ever read as markup. */
import type { Hit } from '../../../src/ipc/view.ts';

export function Found({ text, hits }: { readonly text: string; readonly hits: readonly Hit[] }) {
  return (
    <>
      {hits.flatMap(({ from, to }, n) => [
        text.slice(hits[n - 1]?.to ?? 0, from),
        <mark key={from}>{text.slice(from, to)}</mark>,
      ])}
      {text.slice(hits.at(-1)?.to ?? 0)}
    </>
  );
}
