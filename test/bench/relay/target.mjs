/**
 * What the relay has to reach, as the issue that asked for it put it: each line compares a figure of ours with a
 * figure of a peer from the same run. Ratios, because seconds are the machine's.
 */
const k = 'muster';

/** `side`: at least or at most. `of`: what the limit multiplies; left out, the limit is the figure itself. */
export const targets = [
  {
    what: '1 to 1, msg/s, against Redis always',
    case: 'throughput',
    field: 'perS',
    side: 'least',
    limit: 2,
    of: 'redis-always',
  },
  {
    what: '1 to 1, msg/s, against NATS JetStream',
    case: 'throughput',
    field: 'perS',
    side: 'least',
    limit: 2.5,
    of: 'nats-js',
  },
  {
    what: '1 to 1, msg/s, against ws without a store',
    case: 'throughput',
    field: 'perS',
    side: 'least',
    limit: 0.4,
    of: 'ws-nostore-bu',
  },
  {
    what: '32 to 32, msg/s, against mosquitto',
    case: 'many',
    field: 'perS',
    side: 'least',
    limit: 1.5,
    of: 'mosquitto',
  },
  {
    what: '32 to 32, msg/s, against Redis always',
    case: 'many',
    field: 'perS',
    side: 'least',
    limit: 2,
    of: 'redis-always',
  },
  {
    what: 'one at a time, received p50, Redis always',
    case: 'latency',
    field: 'rxP50',
    side: 'most',
    limit: 0.5,
    of: 'redis-always',
  },
  {
    what: 'one at a time, received p99, Redis always',
    case: 'latency',
    field: 'rxP99',
    side: 'most',
    limit: 0.5,
    of: 'redis-always',
  },
  {
    what: 'one at a time, received p50, mosquitto',
    case: 'latency',
    field: 'rxP50',
    side: 'most',
    limit: 1.5,
    of: 'mosquitto',
  },
  {
    what: 'one at a time, received p99, mosquitto',
    case: 'latency',
    field: 'rxP99',
    side: 'most',
    limit: 1.5,
    of: 'mosquitto',
  },
  {
    what: '1 to 50, the last one p50, Redis always',
    case: 'fanout',
    field: 'lastP50',
    side: 'most',
    limit: 0.5,
    of: 'redis-always',
  },
  {
    what: '1 to 50, the last one p50, NATS JetStream',
    case: 'fanout',
    field: 'lastP50',
    side: 'most',
    limit: 1,
    of: 'nats-js',
  },
  {
    what: '10,000 stored to one that comes back, NATS',
    case: 'backlog',
    field: 'drainMs',
    side: 'most',
    limit: 1,
    of: 'nats-js',
  },
  {
    what: '10,000 stored to one that comes back, Redis',
    case: 'backlog',
    field: 'drainMs',
    side: 'most',
    limit: 1.2,
    of: 'redis-always',
  },
  { what: 'slow disk (5 ms), 32 to 32, received p99 ms', case: 'many@5', field: 'rxP99', side: 'most', limit: 10 },
  {
    what: 'memory of an idle connection, 1,000, plain',
    case: 'idle',
    field: 'kbPer1000',
    side: 'most',
    limit: 1.3,
    of: 'ws-bare',
  },
  {
    what: 'memory of an idle connection, 5,000, plain',
    case: 'idle',
    field: 'kbPer5000',
    side: 'most',
    limit: 1.3,
    of: 'ws-bare',
  },
  {
    what: 'memory of an idle connection, 1,000, TLS',
    case: 'idle',
    field: 'kbPer1000',
    side: 'most',
    limit: 1.3,
    of: 'ws-bare-tls',
    ours: 'muster-tls',
  },
  {
    what: 'TLS beside plain, 1 to 1, msg/s',
    case: 'throughput',
    field: 'perS',
    side: 'least',
    limit: 0.7,
    of: k,
    ours: 'muster-tls',
  },
  { what: 'start to first accepted append, ms', case: 'startup', field: 'firstAcceptedMs', side: 'most', limit: 200 },
  {
    what: 'the same at a million stored, ms',
    case: 'startup',
    field: 'firstAcceptedMs',
    side: 'most',
    limit: 200,
    ours: 'muster-million',
  },
  {
    what: 'at a million stored: 1 to 1, msg/s',
    case: 'throughput',
    field: 'perS',
    side: 'least',
    limit: 0.9,
    of: k,
    ours: 'muster-million',
  },
  {
    what: 'at a million stored: 32 to 32, msg/s',
    case: 'many',
    field: 'perS',
    side: 'least',
    limit: 0.9,
    of: k,
    ours: 'muster-million',
  },
  {
    what: 'at a million stored: received p50 ms',
    case: 'latency',
    field: 'rxP50',
    side: 'most',
    limit: 1.1,
    of: k,
    ours: 'muster-million',
  },
  {
    what: 'at a million stored: 10,000 to one that comes back',
    case: 'backlog',
    field: 'drainMs',
    side: 'most',
    limit: 1.1,
    of: k,
    ours: 'muster-million',
  },
];

/** Cases in the order in which they run, with the peers that a target needs for each. */
export const plan = (hasPeers) => {
  const needed = new Map();
  for (const { case: name, of, ours = k } of targets) {
    const peers = needed.get(name) ?? new Set();
    needed.set(name, peers);
    for (const peer of [ours, of]) if (peer !== undefined && (hasPeers || peer.startsWith('muster'))) peers.add(peer);
  }
  return new Map([...needed].map(([name, peers]) => [name, [...peers]]));
};

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const show = (value) => (value === undefined ? '–' : value >= 100 ? String(Math.round(value)) : value.toFixed(2));

/** `rows`: what each run printed. Answers lines to print, and how many targets were missed. */
export function judge(rows) {
  const figure = (peer, name, field) => {
    const found = rows.filter((row) => row.peer === peer && row.case === name && Number.isFinite(row[field]));
    return found.length === 0 ? undefined : median(found.map((row) => row[field]));
  };
  let missed = 0;
  const lines = targets.map(({ what, case: name, field, side, limit, of, ours = k }) => {
    const own = figure(ours, name, field);
    const other = of === undefined ? 1 : figure(of, name, field);
    const ratio = own === undefined || other === undefined ? undefined : own / other;
    const isMet = ratio !== undefined && (side === 'least' ? ratio >= limit : ratio <= limit);
    if (ratio !== undefined && !isMet) missed += 1;
    const said = ratio === undefined ? 'not measured' : isMet ? 'met' : 'MISSED';
    const sides = of === undefined ? '' : show(other);
    return [what, show(own), sides, show(ratio), `at ${side} ${limit}`, said];
  });
  return { lines, missed };
}

export function print(lines) {
  const rows = [['what', 'ours', 'peer', 'ratio', 'limit', ''], ...lines];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  for (const row of rows)
    console.log(row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '));
}
