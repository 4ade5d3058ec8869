/**
 * The relay's numbers as Prometheus text. Counters are fed by the meter, gauges are read when somebody asks.
 *
 * It must never have a label that names an organisation, a device, an address or a topic: whoever can read the
 * numbers must not learn from them who talks.
 */
import type { Health } from './health.ts';
import type { Meter } from './meter.ts';

export interface Metrics {
  readonly meter: Meter;
  readonly contentType: string;
  page(health: Health): Promise<string>;
}

/** An fsync takes from a tenth of a millisecond on a good disk to seconds on a dying one. */
const commitBuckets = [0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

/** Loads the library only here: a relay that nobody measures starts without it. */
export async function openMetrics(): Promise<Metrics> {
  const { Counter, Gauge, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string) => new Counter({ name, help, registers });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });

  const envelopes = counter('muster_relay_appended_envelopes_total', 'Envelopes stored; repeats are not among them.');
  const bytes = counter('muster_relay_appended_bytes_total', 'Bytes of those envelopes.');
  const commit = new Histogram({
    name: 'muster_relay_commit_seconds',
    help: 'From handing a commit to the disk until it is safe there.',
    buckets: commitBuckets,
    registers,
  });
  const refusals = new Counter({
    name: 'muster_relay_refusals_total',
    help: 'Refusals by code.',
    labelNames: ['code'],
    registers,
  });
  const connections = new Gauge({
    name: 'muster_relay_connections',
    help: 'Open sockets: devices that are inside, and strangers that have not proved themselves.',
    labelNames: ['kind'],
    registers,
  });
  const gauges = {
    ok: gauge('muster_relay_ok', '1 while it takes appends, 0 while it cannot write.'),
    waiting: gauge('muster_relay_waiting_envelopes', 'Envelopes that wait for the disk.'),
    topics: gauge('muster_relay_topics', 'Topics kept.'),
    envelopes: gauge('muster_relay_kept_envelopes', 'Envelopes kept.'),
    bytes: gauge('muster_relay_kept_bytes', 'Bytes of the envelopes kept.'),
    diskBytes: gauge('muster_relay_disk_bytes', 'Bytes of the store on disk.'),
    diskFreeBytes: gauge('muster_relay_disk_free_bytes', 'Bytes free where the store lies.'),
    memoryBytes: gauge('muster_relay_memory_bytes', 'Memory of the process.'),
    startedAtMs: gauge('muster_relay_start_time_ms', 'When it started, milliseconds since 1970.'),
  };

  return {
    contentType: registry.contentType,
    meter: {
      appended(envelopeCount, byteCount) {
        envelopes.inc(envelopeCount);
        bytes.inc(byteCount);
      },
      committed: (seconds) => commit.observe(seconds),
      refused: (code) => refusals.inc({ code }),
    },
    page(health) {
      connections.set({ kind: 'admitted' }, health.admitted);
      connections.set({ kind: 'stranger' }, health.strangers);
      gauges.ok.set(health.ok ? 1 : 0);
      gauges.waiting.set(health.waiting);
      gauges.topics.set(health.topics);
      gauges.envelopes.set(health.envelopes);
      gauges.bytes.set(health.bytes);
      gauges.diskBytes.set(health.diskBytes);
      if (health.diskFreeBytes !== null) gauges.diskFreeBytes.set(health.diskFreeBytes);
      gauges.memoryBytes.set(health.memoryBytes);
      gauges.startedAtMs.set(health.startedAtMs);
      return registry.metrics();
    },
  };
}
