/** A few discs, filled as far as something is there: relays that hold a message. The number always stands beside it. */
export function Marks({ filled, total }: { readonly filled: number; readonly total: number }) {
  if (total > 8) return null;
  return (
    <span className="marks" aria-hidden="true">
      {Array.from({ length: total }, (_, n) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the discs have no identity
        <span key={n} className={n < filled ? 'mark mark-on' : 'mark'} />
      ))}
    </span>
  );
}
