import { beforeAll, describe, expect, it } from 'vitest';
import { type CheckLog, checkPack } from '../../../src/evidence/check.ts';
import { guardCell } from '../../../src/evidence/csv.ts';
import { path } from '../../../src/evidence/pack.ts';
import { type Bytes, concat, fromUtf8, utf8 } from '../../../src/wire/bytes.ts';
import { PeerFault } from '../../../src/wire/fault.ts';
import { altered, director, flip, packInput, samplePack, signAgain, signerOf, someBytes } from '../../kit/pack.ts';
import { sampleReport } from '../../kit/report.ts';

const noLog: CheckLog = () => [];
let pack: ReadonlyMap<string, Bytes>;
beforeAll(async () => {
  pack = await samplePack();
});

const every = [
  ...Object.values(path),
  ...sampleReport()
    .participants.filter((each) => each.answeredAfterMs !== undefined)
    .map(({ ref }) => `acks/${ref}.json`),
].sort();
const filesOf = async (files: ReadonlyMap<string, Bytes>, log: CheckLog = noLog) =>
  new Set((await checkPack(files, log)).map((each) => each.file));
const edit = (from: string, to: string) => (bytes: Bytes) => {
  const text = fromUtf8(bytes);
  expect(text).toContain(from);
  return utf8(text.replace(from, to));
};

describe('a pack as it was made', () => {
  it('has these files', () => {
    expect([...pack.keys()].sort()).toEqual(every);
  });

  it('has nothing wrong with it, with names and without, with exceptions and without, calm or not', async () => {
    expect(await checkPack(pack, noLog)).toEqual([]);
    expect(await checkPack(await samplePack(sampleReport(), false), noLog)).toEqual([]);
    const calm = await samplePack(sampleReport({ calm: true, notExercised: [] }));
    expect(calm.has(path.exceptions)).toBe(false);
    expect(await checkPack(calm, noLog)).toEqual([]);
    expect(await checkPack(await samplePack(sampleReport({ participants: 250 })), noLog)).toEqual([]);
  });

  it('is the same bytes every time', async () => {
    const again = await samplePack();
    expect([...again.keys()]).toEqual([...pack.keys()]);
    for (const [file, bytes] of again) expect(Buffer.compare(bytes, pack.get(file) ?? new Uint8Array()), file).toBe(0);
  });

  it('gives the log check everything it needs', async () => {
    const { signer, ...parts } = packInput();
    await checkPack(pack, (facts) => {
      expect(facts).toEqual({ ...parts, principal: signer.principal, signerPublicKey: signer.publicKey });
      return [];
    });
  });

  it('carries names in the annex alone', () => {
    for (const [file, bytes] of pack) {
      const text = Buffer.from(bytes).toString('utf8');
      expect(text.includes('Brzęczyszczykiewicz'), file).toBe(file === path.names);
    }
  });

  it('never claims compliance', () => {
    for (const [file, bytes] of pack)
      expect(/\bcompliant\b/i.test(Buffer.from(bytes).toString('latin1')), file).toBe(false);
  });
});

describe.each(every)('%s', (file) => {
  const named = (found: ReadonlySet<string>): boolean => found.has(file);

  it('cannot be changed in any byte', async () => {
    const size = pack.get(file)?.length ?? 0;
    const small = size <= 700;
    const spots = small
      ? Array.from({ length: size }, (_, at) => at)
      : [0, 1, size >> 2, size >> 1, (3 * size) >> 2, size - 2, size - 1];
    for (const at of spots) {
      for (const mask of small ? [1] : [1, 0x20, 0x80]) {
        expect(named(await filesOf(altered(pack, file, flip(at, mask)))), `byte ${at} of ${size}`).toBe(true);
      }
    }
  });

  it('cannot be cut, lengthened, emptied or removed', async () => {
    for (const change of [
      (bytes: Bytes) => bytes.slice(0, -1),
      (bytes: Bytes) => concat(bytes, utf8('\n')),
      () => new Uint8Array(0),
    ]) {
      expect(named(await filesOf(altered(pack, file, change)))).toBe(true);
    }
    const without = new Map(pack);
    without.delete(file);
    expect(named(await filesOf(without))).toBe(true);
  });
});

describe('a pack that was tampered with', () => {
  it.each(['extra.txt', 'acks/P99.json', 'SHA256SUMS.old', 'keys/other.pub'])(
    'names %s that was added',
    async (file) => {
      expect([...(await filesOf(new Map(pack).set(file, utf8('x'))))]).toEqual([file]);
    },
  );

  it('reports a broken signature first, and says which half was changed', async () => {
    const [first] = await checkPack(altered(pack, path.signature, edit('Q', 'R')), noLog);
    expect(first).toMatchObject({ file: path.signature, code: 'signature' });
    const changed = altered(pack, path.manifest, (bytes) => flip(3)(bytes));
    expect((await checkPack(changed, noLog))[0]).toMatchObject({ file: path.manifest, code: 'signature' });
  });

  it('does not ask the log of changed bytes, and does of a pack whose names were withheld', async () => {
    let asked = 0;
    const count: CheckLog = () => {
      asked += 1;
      return [];
    };
    await checkPack(altered(pack, path.report, flip(100)), count);
    expect(asked).toBe(0);
    const withheld = new Map(pack);
    withheld.delete(path.names);
    expect(await checkPack(withheld, count)).toMatchObject([{ file: path.names, code: 'missing' }]);
    expect(asked).toBe(1);
  });

  it('is found empty, and found with noise in it', async () => {
    expect((await checkPack(new Map(), noLog)).length).toBeGreaterThan(0);
    const noise = new Map([...pack.keys()].map((file) => [file, someBytes(file, 400)]));
    expect((await checkPack(noise, noLog)).length).toBeGreaterThan(0);
  });
});

describe('a pack that its own signer made to say something else', () => {
  const resigned = (file: string, change: (bytes: Bytes) => Bytes) => filesOf(signAgain(altered(pack, file, change)));

  it.each([
    [path.findings, edit('high', 'low')],
    [path.participants, edit('unreachable', 'in-time')],
    [path.improvement, edit('open', 'done')],
    [path.crosswalk, edit('supports', 'fulfils')],
    [path.exceptions, edit('spring', 'autumn')],
    [path.events, edit('answer', 'reached')],
    [path.schema, edit('false', 'true')],
    [path.verify, edit('ssh-keygen -Y verify', 'true ssh-keygen -Y verify')],
    [path.fingerprints, edit('SHA256:', 'SHA256:A')],
    [path.names, edit('P01', 'P99')],
    ['acks/P01.json', edit('"there"', '"need-help"')],
    ['acks/P02.json', edit('"P02"', '"P01"')],
    [path.pdf, (bytes: Bytes) => flip(bytes.length >> 1)(bytes)],
  ])('is found out in %s', async (file, change) => {
    expect([...(await resigned(file, change))]).toEqual([file]);
  });

  it('is found out in every file that follows from report.json when that was changed', async () => {
    const found = await resigned(path.report, edit('"outcome": "unreachable"', '"outcome": "in-time"'));
    expect(found).toContain(path.participants);
    expect(found).toContain(path.pdf);
  });

  it('is found out with a file too many or too few', async () => {
    expect([...(await filesOf(signAgain(new Map(pack).set('acks/P12.json', utf8('{}')))))]).toEqual(['acks/P12.json']);
    const without = new Map(pack);
    without.delete('acks/P03.json');
    without.delete(path.findings);
    expect(await filesOf(signAgain(without))).toContain('acks/P03.json');
    const bare = new Map(pack);
    bare.delete(path.findings);
    expect([...(await filesOf(signAgain(bare)))]).toEqual([path.findings]);
  });

  it('is found out with a report that is no report', async () => {
    expect([...(await resigned(path.report, () => utf8('{}\n')))]).toEqual([path.report]);
  });

  it.each([
    ['closedAfterMs', 127_000_000_000_000],
    ['answerWithinMs', Number.MAX_SAFE_INTEGER],
    ['answerWithinMs', 0],
    ['answeredAfterMs', Number.MIN_SAFE_INTEGER],
    ['atMs', Number.MIN_SAFE_INTEGER],
    ['windowFromMs', Number.MAX_SAFE_INTEGER],
    ['members', Number.MAX_SAFE_INTEGER],
    ['inTime', 0],
  ])('is found out, and never trips the check, with %s at %i', async (field, value) => {
    const found = await resigned(path.report, (bytes) =>
      utf8(fromUtf8(bytes).replace(new RegExp(`"${field}": -?[0-9]+`, 'g'), `"${field}": ${value}`)),
    );
    expect(found.size).toBeGreaterThan(0);
  });
});

describe('a pack signed again by a stranger', () => {
  it('is refused while it names the old signer', async () => {
    expect(await checkPack(signAgain(pack, signerOf('stranger')), noLog)).toMatchObject([
      { file: path.signers, code: 'signers' },
    ]);
  });

  it('is of one piece when made anew: only the log check can refuse it', async () => {
    const { makePack } = await import('../../../src/evidence/pack.ts');
    const stranger = signerOf('stranger');
    const forged = await makePack({ ...packInput(), signer: stranger });
    expect(await checkPack(forged, noLog)).toEqual([]);
    const isDirector: CheckLog = ({ signerPublicKey }) => {
      if (Buffer.compare(signerPublicKey, director.publicKey) !== 0)
        throw new PeerFault('not-a-member', 'the signer is not the director');
      return [];
    };
    expect(await checkPack(forged, isDirector)).toMatchObject([{ file: path.entries, code: 'log' }]);
  });
});

it('a role that looks like a formula stays a text in every table', async () => {
  const report = sampleReport();
  const [first, ...others] = report.participants;
  if (first === undefined) throw new Error('the sample has nobody in it');
  const evil = '=HYPERLINK("x")';
  const files = await samplePack({ ...report, participants: [{ ...first, role: evil }, ...others] });
  expect(fromUtf8(files.get(path.participants) ?? new Uint8Array())).toContain(guardCell(evil).replaceAll('"', '""'));
  expect(await checkPack(files, noLog)).toEqual([]);
});
