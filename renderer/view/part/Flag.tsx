/** Muster's mark: the signal flag for the letter M, a white saltire on blue. Decoration only. */
export function Flag() {
  return (
    <svg className="flag" viewBox="0 0 32 32" aria-hidden="true">
      <path className="flag-field" d="M0 0h32v32H0z" />
      <path className="flag-cross" d="M0 0h6l10 11L26 0h6v6L21 16l11 10v6h-6L16 21 6 32H0v-6l11-10L0 6z" />
    </svg>
  );
}
