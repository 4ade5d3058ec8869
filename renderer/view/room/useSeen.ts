/**
 * Which messages a person has in front of them: the end of each within the box, the window in front, nothing over it, and
 * all of it still for a moment. Says it once for each; what follows from it is the responder's.
 */
import { type RefObject, useEffect } from 'react';

const stillMs = 1_000;

/** Entries of the list items in this box whose end can be seen in it. */
function shownIn(box: HTMLElement): string[] {
  const { top, bottom } = box.getBoundingClientRect();
  const isShown = (item: HTMLElement) => {
    const at = item.getBoundingClientRect();
    return at.height > 0 && at.bottom > top && at.bottom <= bottom + 1;
  };
  return [...box.querySelectorAll<HTMLElement>('[data-entry]')]
    .filter(isShown)
    .flatMap(({ dataset }) => dataset['entry'] ?? []);
}

const isInFront = (): boolean =>
  document.visibilityState === 'visible' && document.hasFocus() && document.querySelector('dialog[open]') === null;

/** `last`: what stands at the end, so that something new is looked at as well. */
export function useSeen(
  box: RefObject<HTMLElement | null>,
  last: string | undefined,
  say: (entries: string[]) => void,
): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new last message is what it waits for
  useEffect(() => {
    const at = box.current;
    if (at === null) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      if (isInFront()) say(shownIn(at));
    };
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(look, stillMs);
    };
    wait();
    at.addEventListener('scroll', wait);
    window.addEventListener('focus', wait);
    // A dialog that was over it goes by a press or a key.
    document.addEventListener('click', wait);
    document.addEventListener('keyup', wait);
    return () => {
      clearTimeout(timer);
      at.removeEventListener('scroll', wait);
      window.removeEventListener('focus', wait);
      document.removeEventListener('click', wait);
      document.removeEventListener('keyup', wait);
    };
  }, [box, last, say]);
}
