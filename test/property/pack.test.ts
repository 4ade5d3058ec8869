/** A wave comes out of its two buffers as it went in: every envelope at its offset, with its mark, in rows within bounds. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Append } from '../../server/storage.ts';
import { Groups, type Offered, Places, parcelsOf, type Waiting, Wave } from '../../server/batch.ts';
import { packWave, unpackWave } from '../../server/pack.ts';
import { readItems } from '../../server/parcel.ts';
import { equal, hex } from '../../src/wire/bytes.ts';
import { orgId, topicId } from '../../src/wire/id.ts';
import { limit } from '../../src/wire/limit.ts';
import { envelopeNumber } from '../kit/relay.ts';

const mostBytes = 40_000;
const orgs = [1, 2].map((n) => orgId.of(new Uint8Array(32).fill(n)));
const topics = [3, 4].map((n) => topicId.of(new Uint8Array(32).fill(n)));
const burst = fc.record({
  org: fc.nat(1),
  topic: fc.constantFrom(0, 0, 0, 1),
  count: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 400 })),
  size: fc.constantFrom(limit.envelopeMinBytes, limit.envelopeMinBytes, 200),
  isAsk: fc.constantFrom(false, false, false, true),
});
/** Turns of the event loop, with what arrived in each: enough to fill a row by number and by bytes. */
const turns = fc.array(fc.array(burst, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 12 });

const waiting = (org: Append['org']): Waiting => ({
  append: { org, items: [], quotaBytes: 0 },
  bytes: 0,
  receipts: [],
  missing: [],
  isOver: false,
  resolve: () => undefined,
  reject: () => undefined,
});

test('what is packed is unpacked, and rows are parcels that a device can be sent', () => {
  fc.assert(
    fc.property(
      turns,
      fc.option(fc.nat(), { nil: undefined }),
      fc.option(fc.nat(), { nil: undefined }),
      (given, reserve, sweepBeforeMs) => {
        const wave = Object.assign(new Wave(), { reserve, sweepBeforeMs });
        const places = new Places();
        const stored = new Map<number, { readonly where: string; readonly offered: Offered; readonly atMs: number }>();
        const asked: { readonly where: string; readonly offered: Offered }[] = [];
        let [number, next] = [0, 1];
        given.forEach((turn, atMs) => {
          const groups = new Groups(places);
          for (const { org: o, topic: t, count, size, isAsk } of turn) {
            const [org, topic] = [orgs[o], topics[t]];
            if (org === undefined || topic === undefined) throw new Error('no such place');
            const group = groups.of(org, topic);
            for (let i = 0; i < count; i++) {
              number += 1;
              const offered = { waiting: waiting(org), index: 0, envelope: envelopeNumber(number, size), slot: number };
              if (!isAsk) group.fresh.push(offered);
              else {
                wave.asks.push({ place: group.place, offered });
                asked.push({ where: org + topic, offered });
              }
            }
          }
          for (const group of groups) {
            for (const [i, offered] of group.fresh.entries())
              stored.set(next + i, { where: group.org + group.topic, offered, atMs });
            wave.sent.push(...parcelsOf(group, next, atMs, mostBytes));
            next += group.fresh.length;
          }
        });

        const batch = unpackWave(packWave(wave, mostBytes));
        const whereOf = (place: number) =>
          hex(batch.places[place]?.org ?? new Uint8Array()) + hex(batch.places[place]?.topic ?? new Uint8Array());
        expect([batch.reserve, batch.sweepBeforeMs]).toEqual([reserve, sweepBeforeMs]);
        const ends = new Map<string, number>();
        for (const row of batch.rows) {
          const items = readItems(row.items);
          expect(items.length).toBeLessThanOrEqual(limit.itemsPerDelivery);
          if (items.length > 1) expect(row.items.length).toBeLessThanOrEqual(mostBytes);
          expect([items[0]?.offset, items.at(-1)?.offset, items.at(-1)?.receivedAtMs]).toEqual([
            row.first,
            row.last,
            row.receivedAtMs,
          ]);
          expect(items.reduce((sum, { envelope }) => sum + envelope.length, 0)).toBe(row.size);
          // Rows of a topic come in order, or a device would be past what comes later.
          expect(row.first).toBeGreaterThan(ends.get(whereOf(row.place)) ?? 0);
          ends.set(whereOf(row.place), row.last);
          const marks = items.flatMap(({ offset }) => [stored.get(offset)?.offered.slot, offset]);
          expect([...row.marks]).toEqual(marks);
          const wrong = items.filter(({ offset, receivedAtMs, envelope }) => {
            const sent = stored.get(offset);
            stored.delete(offset);
            const [receipt] = sent?.offered.waiting.receipts ?? [];
            if (sent === undefined || receipt?.offset !== offset || receipt.receivedAtMs !== receivedAtMs) return true;
            return (
              sent.where !== whereOf(row.place) || sent.atMs !== receivedAtMs || !equal(envelope, sent.offered.envelope)
            );
          });
          expect(wrong).toEqual([]);
        }
        expect(stored.size).toBe(0);
        expect(batch.asks.map(({ place, slot }) => [whereOf(place), slot])).toEqual(
          asked.map(({ where, offered }) => [where, offered.slot]),
        );
        expect(
          batch.asks.every(({ envelope }, i) => equal(envelope, asked[i]?.offered.envelope ?? new Uint8Array())),
        ).toBe(true);
      },
    ),
    { numRuns: 30 },
  );
});
