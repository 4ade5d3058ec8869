/** Which screen is shown, as the part of the address after `#`, so that the back button does what people expect. */
import { createStore } from 'zustand/vanilla';

export type Route =
  | { readonly screen: 'home' | 'list' | 'relay' | 'reports' }
  | { readonly screen: 'room' | 'report'; readonly id: string };

/** The part of `window` that this needs; a test can give it another. */
export interface Place {
  readonly location: { hash: string };
  addEventListener(type: 'hashchange', listener: () => void): void;
}

/** Anything that is no address of ours is the home screen. */
export function parseRoute(hash: string): Route {
  const [screen, id] = hash.replace(/^#\/?/, '').split('/');
  if (screen === 'list' || screen === 'relay' || screen === 'reports') return { screen };
  if ((screen === 'room' || screen === 'report') && id !== undefined && /^[0-9a-f]+$/.test(id)) return { screen, id };
  return { screen: 'home' };
}

export function formatRoute(route: Route): string {
  return route.screen === 'home' ? '#/' : 'id' in route ? `#/${route.screen}/${route.id}` : `#/${route.screen}`;
}

export function createRoute(place: Place) {
  const store = createStore<Route>(() => parseRoute(place.location.hash));
  place.addEventListener('hashchange', () => store.setState(parseRoute(place.location.hash), true));
  return {
    store,
    go(route: Route) {
      place.location.hash = formatRoute(route);
    },
  };
}
