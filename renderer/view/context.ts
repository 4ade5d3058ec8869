/** How a screen gets at the stores, and at the device's idea of now. */
import { createContext, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import type { App } from '../state/app.ts';

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error('a screen was shown outside the window');
  return app;
}

export const useHome = () => useStore(useApp().home.store, ({ home }) => home.value);
export const useRelayHere = () => useStore(useApp().relay.store, ({ relay }) => relay.value);
export const useAlarmView = () => useHome()?.alarm;

/** The device's clock, ticking. The page's own may be days off; what counts is the one that signs. */
export function useNow(everyMs: number): number {
  const skewMs = useStore(useApp().home.store, (state) => state.skewMs);
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now + skewMs;
}

/**
 * Names the screen in the window's title, so that a list of windows and a screen reader both tell where one is. A
 * running drill stands in front of it: the title is all that a task bar shows of a window.
 */
export function useTitle(title: string): void {
  const exercise = useAlarmView()?.state === 'running';
  useEffect(() => {
    document.title = `${exercise ? 'EXERCISE · ' : ''}${title} · Muster`;
  }, [title, exercise]);
}
