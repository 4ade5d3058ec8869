/**
 * The one way from the screens to the responder, and the only file that knows which way it is: the preload's bridge in
 * Electron, HTTP and Server-Sent Events to the console in a browser. It must never keep what passes through it.
 */
import type {
  Bridge,
  CallName,
  FileBridge,
  GiveArgs,
  GiveName,
  GiveResult,
  Reply,
  TakeArgs,
  TakenOut,
  TakeName,
} from '../src/ipc/contract.ts';
import { maxPieceBytes } from '../src/ipc/limit.ts';
import type { ChangeEvent } from '../src/ipc/view.ts';

declare global {
  interface Window {
    readonly muster?: Bridge & FileBridge;
  }
}

/** `shut`: the responder does not know this window any more, and trying again will not help. */
export type Link = 'up' | 'lost' | 'shut';

export interface Api extends Bridge {
  /** Gives a file that the person dropped or picked. `progress`: which part of it was read, 0 to 1. */
  give<N extends GiveName>(
    name: N,
    args: GiveArgs<N>,
    file: File,
    progress?: (share: number) => void,
  ): Promise<Reply<GiveResult<N>>>;
  /** Has a file put where the person says. */
  take<N extends TakeName>(name: N, args: TakeArgs<N>): Promise<Reply<TakenOut>>;
  /** Tells whether the responder can be reached. Returns the function that ends the subscription. */
  onLink(listener: (link: Link) => void): () => void;
}

const unreachable = {
  ok: false,
  code: 'unreachable',
  text: 'Muster on this machine does not answer. Nothing was sent. Check that it is still running.',
} as const;
const unread = {
  ok: false,
  code: 'unread',
  text: 'This file changed while it was read, or is not there any more. Nothing was kept; give it again, or a copy of it.',
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

  const post = async (path: string, type: string, body: BodyInit): Promise<unknown> => {
    try {
      const response = await fetch(path, { method: 'POST', headers: { 'Content-Type': type }, body });
      if (response.status === 403) tell('shut');
      if (response.status === 403) return shut;
      return response.ok ? await response.json() : { ...unreachable, code: 'refused', text: await response.text() };
    } catch {
      // The only thing fetch says is that it failed; the stream of changes will notice when we are back.
      if (body instanceof File && !(await canRead(body))) return unread;
      if (last === 'up') tell('lost');
      return unreachable;
    }
  };
  const call = (name: CallName, args: unknown) => post(`/call/${name}`, 'application/json', JSON.stringify(args));

  return {
    // The console answers with what the gate said, and the gate is held to the same table as this type.
    call: call as Api['call'],
    give: ((name: GiveName, args: unknown, file: File) =>
      post(
        `/give/${name}?${new URLSearchParams({ args: JSON.stringify(args), file: file.name })}`,
        'application/octet-stream',
        file,
      )) as Api['give'],
    async take(name, args) {
      const reply = (await post(`/take/${name}`, 'application/json', JSON.stringify(args))) as Reply<{
        readonly name: string;
        readonly path: string;
      }>;
      if (!reply.ok) return reply;
      const link = document.createElement('a');
      link.href = reply.value.path;
      link.download = reply.value.name;
      link.click();
      return { ok: true, value: { name: reply.value.name, how: 'browser' } };
    },
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

const canRead = (file: File): Promise<boolean> =>
  file
    .slice(0, 1)
    .arrayBuffer()
    .then(
      () => true,
      () => false,
    );

function overBridge({ give, ...bridge }: Bridge & FileBridge): Api {
  return {
    ...bridge,
    // Inside Electron the bridge cannot be cut without the whole program ending.
    onLink: () => () => undefined,
    async give(name, args, file, progress) {
      const begun = await give('begin', name, args, { name: file.name, size: file.size });
      if (!begun.ok) return begun;
      const ticket = Number(begun.value);
      for (let at = 0; at < file.size; at += maxPieceBytes) {
        const piece = await file
          .slice(at, at + maxPieceBytes)
          .arrayBuffer()
          .catch(() => undefined);
        if (piece === undefined) {
          await give('leave', ticket);
          return unread;
        }
        const reply = await give('piece', ticket, new Uint8Array(piece));
        if (!reply.ok) return reply;
        progress?.(Math.min(1, (at + piece.byteLength) / file.size));
      }
      // The gate is held to the same table as this type.
      return (await give('end', ticket)) as Awaited<ReturnType<Api['give']>> as never;
    },
  };
}

export function connect(page: Pick<Window, 'muster'>): Api {
  return page.muster === undefined ? overLoopback() : overBridge(page.muster);
}
