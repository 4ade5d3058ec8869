interface Props {
  readonly words: readonly string[];
  readonly fingerprint: string;
  readonly label?: string;
}

/** A fingerprint or a pin, to be read aloud and compared: words first, since those survive a bad line. */
export function Words({ words, fingerprint, label = 'Fingerprint words' }: Props) {
  return (
    <div className="fingerprint">
      {words.length > 0 && (
        <ol className="words" aria-label={label}>
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
