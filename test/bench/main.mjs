/** `npm run bench -- NAME [options]`: runs one comparison with other software. Each lives in a folder of its name. */
const benches = {
  relay: {
    file: './relay/main.mjs',
    what: 'the relay beside Redis, NATS JetStream, mosquitto and a bare websocket server',
  },
  soak: { file: './soak/main.mjs', what: 'two thousand devices at one relay for a quarter of an hour: is it flat?' },
  engine: {
    file: './engine/main.mjs',
    what: 'a device: sending, catching up, searching, large rooms, memory',
  },
  crypto: { file: './crypto/main.mjs', what: 'sealing and room keys beside libsignal, the Matrix SDK and MLS' },
};

const [name, ...args] = process.argv.slice(2);
const bench = Object.hasOwn(benches, name ?? '') ? benches[name] : undefined;
if (bench === undefined) {
  console.error('Usage: npm run bench -- NAME [options]\n');
  for (const [each, { what }] of Object.entries(benches)) console.error(`  ${each.padEnd(10)} ${what}`);
  process.exitCode = 64;
} else {
  const { run } = await import(bench.file);
  process.exitCode = await run(args);
}
