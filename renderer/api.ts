/**
 * The one way from the screens to the responder, and the only file that knows which way it is: the preload's bridge in
 * Electron, HTTP and Server-Sent Events to the console in a browser. It must never keep what passes through it.
 */
import type { Bridge, CallName } from '../src/ipc/contract.ts';
import type { ChangeEvent } from '../src/ipc/view.ts';

declare global {
  interface Window {
    readonly muster?: Bridge;
  }
}

/** `shut`: the responder does not know this window any more, and trying again will not help. */
export type Link = 'up' | 'lost' | 'shut';

export interface Api extends Bridge {
  /** Tells whether the responder can be reached. Returns the function that ends the subscription. */
  onLink(listener: (link: Link) => void): () => void;
}

const unreachable = {
  ok: false,
  code: 'unreachable',
  text: 'Muster on this machine does not answer. Nothing was sent. Check that it is still running.',
} as const;
const shut = {
  ok: false,
  code: 'shut',
  text: 'Muster does not know this window any more. Start Muster again and open the new address it prints.',
} as const;

function overLoopback(): Api {
  const links = new Set<(link: Link) => void>();
  let last: Link = 'up';
  const tell = (link: Link) => {
    last = link;
    for (const listener of links) listener(link);
  };

  const call = async (name: CallName, args: unknown): Promise<unknown> => {
    try {
      const response = await fetch(`/call/${name}`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(args),
      });
      if (response.status === 403) tell('shut');
      if (response.status === 403) return shut;
      return response.ok ? await response.json() : { ...unreachable, code: 'refused', text: await response.text() };
    } catch {
      // The only thing fetch says is that it failed; the stream of changes will notice when we are back.
      if (last === 'up') tell('lost');
      return unreachable;
    }
  };

  return {
    // The console answers with what the gate said, and the gate is held to the same table as this type.
    call: call as Api['call'],
    onChange(listener) {
      const source = new EventSource('/changes');
      source.onopen = () => tell('up');
      source.onerror = () => tell(source.readyState === EventSource.CLOSED ? 'shut' : 'lost');
      source.onmessage = (message) => listener(JSON.parse(String(message.data)) as ChangeEvent);
      return () => source.close();
    },
    onLink(listener) {
      links.add(listener);
      return () => links.delete(listener);
    },
  };
}

export function connect(page: Pick<Window, 'muster'>): Api {
  // Inside Electron the bridge cannot be cut without the whole program ending.
  return page.muster === undefined ? overLoopback() : { ...page.muster, onLink: () => () => undefined };
}
