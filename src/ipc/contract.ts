/**
 * The whole contract between a window and a responder: one table. Arguments are checked at run time on the
 * responder's side (gate.ts), types come out of the table, the preload bridge, the loopback console and the
 * renderer's `Api` all map over it. To add a call: one line here, one handler; the compiler finds the missing half.
 *
 * No secret goes out through this table. Two come in, the passphrase and the password of a proxy, which the gate never
 * logs or keeps.
 */
import { z } from 'zod';
import type { Given, Outgoing } from './given.ts';
import { maxAtOnce, maxProxyLength, maxSearchLength, maxSeen, maxTextLength } from './limit.ts';
import type {
  ChangeEvent,
  ComparisonView,
  CourierView,
  DeviceView,
  HomeView,
  ListView,
  RelayHereView,
  Report,
  ReportLine,
  RoomView,
  SearchView,
  VaultView,
} from './view.ts';

declare const result: unique symbol;
export interface Call<A, R> {
  readonly args: z.ZodType<A>;
  readonly [result]?: R;
}
const call = <A>(args: z.ZodType<A>) => ({
  gives: <R>(): Call<A, R> => ({ args }),
});

const nothing = z.strictObject({});
const id = z.string().regex(/^[0-9a-f]{32,64}$/);
const message = z.string().trim().min(1).max(maxTextLength);
/** Which machines have it is for the responder to know; what is no address at all does not reach it. */
const address = z.union([z.ipv4(), z.ipv6()]);
const login = z.strictObject({ user: z.string().max(maxProxyLength), password: z.string().max(maxProxyLength) });
const file = z.strictObject({ room: id, entry: id });
const some = z.strictObject({ room: id, members: z.array(id).min(1).max(maxAtOnce) });

export const contract = {
  'vault.status': call(nothing).gives<VaultView>(),
  'vault.unlock': call(z.strictObject({ passphrase: z.string().min(1).max(1024) })).gives<VaultView>(),
  'vault.lock': call(nothing).gives<VaultView>(),
  'home.read': call(nothing).gives<HomeView>(),
  'list.read': call(nothing).gives<ListView>(),
  'device.read': call(nothing).gives<DeviceView>(),
  /** Whether rooms are told what is read here. */
  'reading.set': call(z.strictObject({ tells: z.boolean() })).gives<DeviceView>(),
  /** `proxy`: as the command takes it, an address, `system` or `none`. `kept`: the login that this very proxy has already. */
  'proxy.set': call(
    z.strictObject({
      proxy: z.string().trim().min(1).max(maxProxyLength),
      isOnly: z.boolean(),
      login: z.union([z.literal('kept'), login]).optional(),
    }),
  ).gives<DeviceView>(),
  /** The relay in this process. Also answered while the vault is locked: it shows nothing out of the vault then. */
  'relay.read': call(nothing).gives<RelayHereView>(),
  /** Without a port: the one it had before, or any that is free, which it then keeps. */
  'relay.start': call(
    z.strictObject({ address, port: z.int().min(1).max(65_535).optional(), name: z.string().trim().min(1).max(80) }),
  ).gives<RelayHereView>(),
  'relay.stop': call(nothing).gives<RelayHereView>(),
  /** The newest; or what came before one entry; or what came around one. */
  'room.read': call(
    z
      .strictObject({
        room: id,
        before: id.optional(),
        around: id.optional(),
        limit: z.int().min(1).max(200),
      })
      .refine(({ before, around }) => before === undefined || around === undefined),
  ).gives<RoomView>(),
  /** These entries are on the screen. What of it is told to the room the responder decides. */
  'room.seen': call(z.strictObject({ room: id, entries: z.array(id).min(1).max(maxSeen) })).gives<{
    readonly room: string;
  }>(),
  'room.send': call(z.strictObject({ room: id, text: message })).gives<{ readonly entry: string }>(),
  'room.create': call(
    z.strictObject({ title: z.string().trim().min(1).max(80), members: z.array(id).min(1).max(500) }),
  ).gives<{
    readonly room: string;
  }>(),
  'room.add': call(some).gives<{ readonly entry: string }>(),
  'room.remove': call(some).gives<{ readonly entry: string }>(),
  'room.heal': call(z.strictObject({ room: id })).gives<{ readonly room: string }>(),
  /** Begins to fetch a file, or goes on; brings it to relays again; takes it off this device, or ends a fetch. */
  'file.fetch': call(file).gives<{ readonly entry: string }>(),
  'file.offer': call(file).gives<{ readonly entry: string }>(),
  'file.drop': call(file).gives<{ readonly entry: string }>(),
  /** Words in any order, phrases in quotation marks, the last word unfinished. Without a room: in all, and their titles. */
  'search.read': call(
    z.strictObject({
      text: z.string().max(maxSearchLength),
      room: id.optional(),
      before: z.int().min(1).optional(),
      limit: z.int().min(1).max(200),
    }),
  ).gives<SearchView>(),
  'member.compare': call(z.strictObject({ member: id })).gives<ComparisonView>(),
  /** Whether a code from the other one's screen is of these two. Records nothing. Fails when it is no such code. */
  'member.check': call(z.strictObject({ member: id, code: z.string().max(200) })).gives<boolean>(),
  'member.confirm': call(z.strictObject({ member: id, how: z.enum(['words', 'code']), holds: z.boolean() })).gives<{
    readonly entry: string;
  }>(),
  'alarm.acknowledge': call(
    z.strictObject({ drill: id, answer: z.enum(['there', 'need-help', 'not-available']), standInFor: id.optional() }),
  ).gives<{ readonly entry: string }>(),
  'report.list': call(nothing).gives<readonly ReportLine[]>(),
  'report.read': call(z.strictObject({ drill: id })).gives<Report>(),
} as const satisfies Record<string, { readonly args: z.ZodType }>;

/** Calls that come with a file which a person gave to the window. */
export const giving = {
  /** Envelopes that were carried here, or what another device says it has: that is remembered for `courier.pack`. */
  'courier.read': call(nothing).gives<CourierView>(),
  'file.send': call(z.strictObject({ room: id })).gives<{ readonly entry: string }>(),
} as const satisfies Record<string, { readonly args: z.ZodType }>;

/** Calls that are answered with a file, for a person to keep somewhere. */
export const taking = {
  /** `lacking`: without what the other side said it has. */
  'courier.pack': call(z.strictObject({ lacking: z.boolean() })).gives<Outgoing>(),
  'courier.have': call(nothing).gives<Outgoing>(),
  'file.save': call(file).gives<Outgoing>(),
} as const satisfies Record<string, { readonly args: z.ZodType }>;

export type Contract = typeof contract;
export type Giving = typeof giving;
export type Taking = typeof taking;
export type GiveName = keyof Giving;
export type TakeName = keyof Taking;
export type GiveArgs<N extends GiveName> = z.infer<Giving[N]['args']>;
export type GiveResult<N extends GiveName> = Giving[N] extends Call<infer _A, infer R> ? R : never;
export type TakeArgs<N extends TakeName> = z.infer<Taking[N]['args']>;
export type CallName = keyof Contract;
export type ArgsOf<N extends CallName> = z.infer<Contract[N]['args']>;
export type ResultOf<N extends CallName> = Contract[N] extends Call<infer _A, infer R> ? R : never;

/** What every call answers with: never an exception across the bridge. */
export type Reply<R> =
  | { readonly ok: true; readonly value: R }
  | { readonly ok: false; readonly code: string; readonly text: string };

/** One step of giving a file from a window to the main process; each but the last is answered with the ticket. */
export type GiveStep =
  | readonly ['begin', name: GiveName, args: unknown, facts: { readonly name: string; readonly size: number }]
  | readonly ['piece', ticket: number, bytes: Uint8Array]
  | readonly ['end', ticket: number]
  | readonly ['leave', ticket: number];

/** What became of a file that was taken out. `browser`: it looks after it now. `left`: the person chose no place. */
export interface TakenOut {
  readonly name: string;
  readonly how: 'saved' | 'browser' | 'left';
}

/** What a window holds: one function per call, and one subscription. */
export interface Bridge {
  call<N extends CallName>(name: N, args: ArgsOf<N>): Promise<Reply<ResultOf<N>>>;
  /** Returns the function that ends the subscription. */
  onChange(listener: (change: ChangeEvent) => void): () => void;
}

/** What a window in Electron holds besides. */
export interface FileBridge {
  give(...step: GiveStep): Promise<Reply<unknown>>;
  take<N extends TakeName>(name: N, args: TakeArgs<N>): Promise<Reply<TakenOut>>;
}

/** What a responder offers: one handler per call, arguments already checked. */
export type Handlers = { readonly [N in CallName]: (args: ArgsOf<N>) => Promise<ResultOf<N>> | ResultOf<N> };

/** The same for files that come in and go out. */
export type GiveHandlers = {
  readonly [N in GiveName]: (args: GiveArgs<N>, given: Given) => Promise<GiveResult<N>> | GiveResult<N>;
};
export type TakeHandlers = { readonly [N in TakeName]: (args: TakeArgs<N>) => Promise<Outgoing> | Outgoing };
