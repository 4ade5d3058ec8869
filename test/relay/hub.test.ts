/** The hub over a store that takes its time, as one on another machine would: commits land in the middle of reads. */
import { describe, expect, it } from 'vitest';
import { Hub, type Outlet } from '../../server/hub.ts';
import { relayLimits } from '../../server/limit.ts';
import { type Stored, parcelOf } from '../../server/parcel.ts';
import type { Page, Store, StoreListener } from '../../server/storage.ts';
import type { Bytes } from '../../src/wire/bytes.ts';
import { decodeRelayFrame, type RelayFrame } from '../../src/wire/frame.ts';
import { orgId } from '../../src/wire/id.ts';
import { envelopeNumber, topicNumber } from '../kit/relay.ts';
import { until } from '../kit/until.ts';

const org = orgId.of(new Uint8Array(32));
const topic = topicNumber(1);

class SlowStore implements Store {
  readonly id = new Uint8Array(16);
  readonly trouble = undefined;
  readonly notice = undefined;
  readonly kept: Stored[] = [];
  readonly reads: (() => void)[] = [];
  pageItems = 3;
  damagedTo = 0;
  #listener: StoreListener = () => undefined;

  listen(listener: StoreListener) {
    this.#listener = listener;
  }
  /** What a commit does, seen from the hub; `isQuiet` when the news of it comes later than the data. */
  commit(count: number, isQuiet = false): () => void {
    const items = Array.from({ length: count }, (_, i) => ({
      offset: this.kept.length + 1 + i,
      receivedAtMs: 1,
      envelope: envelopeNumber(this.kept.length + 1 + i),
    }));
    this.kept.push(...items);
    const tell = () => this.#listener(org, topic, parcelOf(topic, items));
    if (!isQuiet) tell();
    return tell;
  }
  /** Looks at once, answers when the test says so. */
  read(_org: string, _topic: string, after: number): Promise<Page> {
    const found = this.kept.filter(({ offset }) => offset > after);
    const items = found.slice(0, this.pageItems).filter(({ offset }) => offset > this.damagedTo);
    const page = {
      damagedTo: after < this.damagedTo ? Math.min(this.damagedTo, after + this.pageItems) : 0,
      parcels: items.length === 0 ? [] : [parcelOf(topic, items)],
      isLast: found.length <= this.pageItems,
      last: this.kept.length,
    };
    return new Promise((resolve) => this.reads.push(() => resolve(page)));
  }
  append = () => Promise.reject(new Error('not here'));
  admission = () => Promise.resolve(undefined);
  putAdmission = () => Promise.resolve();
  sweep = () => Promise.resolve();
  stats = () => Promise.reject(new Error('not here'));
  backup = () => Promise.resolve();
  close = () => Promise.resolve();
}

function setUp() {
  const store = new SlowStore();
  const frames: RelayFrame[] = [];
  const socket = { waitingBytes: 0, leftOut: 0 };
  const outlet = {
    isOpen: () => true,
    waitingBytes: () => socket.waitingBytes,
    send: (bytes: Bytes) => void frames.push(decodeRelayFrame(bytes)),
    fail: (_topic: string, error: unknown) => {
      throw error;
    },
    leaveOut: () => {
      socket.leftOut += 1;
    },
  } satisfies Outlet;
  const listener = new Hub(store, relayLimits).join(outlet, org);
  const offsets = () =>
    frames.flatMap((frame) => (frame.type === 'deliver' ? frame.items.map(([offset]) => offset) : []));
  const answer = async () => (await until(() => store.reads.shift(), 'the hub reads'))();
  return { store, frames, socket, listener, offsets, answer };
}
const isLive = (frames: readonly RelayFrame[]) => frames.some(({ type }) => type === 'live');

describe('a tail over a slow store', () => {
  it('misses nothing that is committed while its last page is on the way', async () => {
    const { store, frames, listener, offsets, answer } = setUp();
    store.commit(2);
    listener.tail(topic, 0);
    store.commit(1); // the page on the way does not have it
    await answer();
    await answer();
    await until(() => isLive(frames), 'live');
    store.commit(1);
    expect(offsets()).toEqual([1, 2, 3, 4]);
    expect(frames.filter(({ type }) => type === 'live')).toEqual([{ type: 'live', topic, upTo: 3 }]);
  });

  it('sends nothing twice when the news comes after the page that had it', async () => {
    const { store, frames, listener, offsets, answer } = setUp();
    const tell = store.commit(2, true);
    listener.tail(topic, 0);
    await answer();
    await until(() => isLive(frames), 'live');
    tell();
    store.commit(1);
    expect(offsets()).toEqual([1, 2, 3]);
  });

  it('misses nothing after a cursor from the future, though the commit lands during the read', async () => {
    const { store, frames, listener, offsets, answer } = setUp();
    store.commit(1);
    listener.tail(topic, 50);
    store.commit(1);
    await answer();
    await answer();
    await until(() => isLive(frames), 'live');
    expect(offsets()).toEqual([2]);
  });

  it('forgets a page on the way when the topic is tailed again from elsewhere', async () => {
    const { store, frames, listener, offsets, answer } = setUp();
    store.commit(2);
    listener.tail(topic, 0);
    listener.tail(topic, 1);
    await answer();
    await answer();
    await until(() => isLive(frames), 'live');
    expect(offsets()).toEqual([2]);
  });

  it('serves a full socket from the store, in order, when it has room again', async () => {
    const { store, frames, socket, listener, offsets, answer } = setUp();
    listener.tail(topic, 0);
    await answer();
    await until(() => isLive(frames), 'live');
    socket.waitingBytes = relayLimits.outgoingBytes;
    store.commit(2);
    store.commit(2);
    expect([offsets(), store.reads.length]).toEqual([[], 0]);
    socket.waitingBytes = 0;
    listener.drain();
    await answer();
    await answer();
    await until(() => offsets().length === 4, 'all of it');
    store.commit(1);
    expect(offsets()).toEqual([1, 2, 3, 4, 5]);
  });

  it('gets past pages of which nothing can be read, and goes on behind them', async () => {
    const { store, frames, socket, listener, offsets, answer } = setUp();
    store.commit(8);
    store.damagedTo = 7;
    listener.tail(topic, 0);
    for (let page = 0; page < 3; page++) await answer();
    await until(() => isLive(frames), 'live');
    expect([offsets(), socket.leftOut]).toEqual([[8], 3]);
    store.commit(1);
    expect(offsets()).toEqual([8, 9]);
  });
});
