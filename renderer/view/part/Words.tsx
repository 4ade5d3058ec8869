/** The organisation's fingerprint, to be read aloud and compared: words first, since those survive a bad line. */
export function Words({ words, fingerprint }: { readonly words: readonly string[]; readonly fingerprint: string }) {
  return (
    <div className="fingerprint">
      {words.length > 0 && (
        <ol className="words" aria-label="Fingerprint words">
          {words.map((word, n) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a word may come twice, its place is its identity
            <li key={n}>{word}</li>
          ))}
        </ol>
      )}
      <p className="mono small quiet">{fingerprint.match(/.{1,4}/g)?.join(' ')}</p>
    </div>
  );
}
