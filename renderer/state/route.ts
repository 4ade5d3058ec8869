/** Which screen is shown, as the part of the address after `#`, so that the back button does what people expect. */
import { createStore } from 'zustand/vanilla';

/** Screens that need nothing more said of them. */
const plain = ['home', 'list', 'relay', 'reports', 'courier', 'device'] as const;
type Plain = (typeof plain)[number];

export type Route =
  | { readonly screen: Plain }
  | { readonly screen: 'report'; readonly id: string }
  /** `entry`: the message to show. */
  | { readonly screen: 'room'; readonly id: string; readonly entry?: string };

/** The part of `window` that this needs; a test can give it another. */
export interface Place {
  readonly location: { hash: string };
  addEventListener(type: 'hashchange', listener: () => void): void;
}

/** Anything that is no address of ours is the home screen. */
export function parseRoute(hash: string): Route {
  const [screen, id, entry] = hash.replace(/^#\/?/, '').split('/');
  const known = plain.find((each) => each === screen);
  if (known !== undefined) return { screen: known };
  if (!isId(id)) return { screen: 'home' };
  if (screen === 'report') return { screen, id };
  if (screen === 'room') return { screen, id, ...(isId(entry) ? { entry } : {}) };
  return { screen: 'home' };
}

const isId = (text: string | undefined): text is string => text !== undefined && /^[0-9a-f]+$/.test(text);

export function formatRoute(route: Route): string {
  if (route.screen === 'home') return '#/';
  const entry = route.screen === 'room' && route.entry !== undefined ? `/${route.entry}` : '';
  return 'id' in route ? `#/${route.screen}/${route.id}${entry}` : `#/${route.screen}`;
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
