/** What a window chooses about proxies, honest or not: the same decoder as the command's, and no password comes back. */
import { describe, expect, it } from 'vitest';
import { readSetting, usualProxySetting } from '../../../src/link/proxy.ts';
import { encodeProxySetting } from '../../../src/link/setting.ts';
import { readChoice, viewProxy } from '../../../src/responder/setting.ts';
import { hex } from '../../../src/wire/bytes.ts';
import { CallerFault } from '../../../src/wire/fault.ts';

const password = 'sesame-42-open';
const login = { user: 'ada', password };
const withLogin = readSetting(`http://ada:${password}@proxy:3128`, false);

function refusal(choice: Parameters<typeof readChoice>[0], kept = usualProxySetting): readonly [string, string] {
  try {
    readChoice(choice, kept);
  } catch (fault) {
    if (fault instanceof CallerFault) return [fault.code, fault.message];
    throw fault;
  }
  throw new Error('it was taken');
}
/** As the vault would hold it: the boxes of secrets look alike from outside. */
const bytesOf = (...args: Parameters<typeof readChoice>) => hex(encodeProxySetting(readChoice(...args)));

describe('a choice', () => {
  it.each([
    ['none', false],
    ['system', true],
    ['system', false],
    ['socks5://127.0.0.1:9050', true],
    ['https://[2001:db8::1]:8443', false],
  ])('of %s is what the command makes of it (only: %s)', (proxy, isOnly) => {
    const made = readChoice({ proxy, isOnly }, withLogin);
    expect(made).toEqual(readSetting(proxy, isOnly));
    expect(viewProxy(made, undefined, undefined)).toMatchObject({ isOnly, hasLogin: false });
  });

  it('has its login from beside the address, from within it, or from before, and is the same by each', () => {
    const proxy = 'http://proxy:3128';
    const wanted = hex(encodeProxySetting(withLogin));
    expect(bytesOf({ proxy, isOnly: false, login }, usualProxySetting)).toBe(wanted);
    expect(bytesOf({ proxy: `http://ada:${password}@proxy:3128`, isOnly: false }, usualProxySetting)).toBe(wanted);
    expect(bytesOf({ proxy: 'proxy:3128/', isOnly: false, login: 'kept' }, withLogin)).toBe(wanted);
    expect(readChoice({ proxy, isOnly: false }, withLogin)).toEqual(readSetting(proxy, false));
  });

  it('keeps no login for another proxy: whoever fell into the window could have it sent to their own', () => {
    for (const proxy of ['http://evil:3128', 'http://proxy:3129', 'socks5://proxy:3128', 'https://proxy:3128'])
      expect(refusal({ proxy, isOnly: false, login: 'kept' }, withLogin)[0], proxy).toBe('bad-login');
    expect(refusal({ proxy: 'http://proxy:3128', isOnly: false, login: 'kept' })[0]).toBe('bad-login');
    expect(refusal({ proxy: 'none', isOnly: false, login: 'kept' }, withLogin)[0]).toBe('bad-login');
  });

  it.each([
    ['ftp://proxy', false, undefined, 'invalid', 'A proxy is http://HOST:PORT'],
    ['none', true, undefined, 'invalid', 'leads nowhere'],
    [`http://ada:${password}@proxy:0`, false, undefined, 'invalid', 'A proxy is'],
    [`http://a%zz:${password}@proxy:1`, false, undefined, 'invalid', 'two digits'],
    [`http://ada:${password}@proxy:1`, false, login, 'bad-login', 'in it already'],
    ['proxy:1', false, { user: 'a:b', password }, 'bad-login', '1 to 255 bytes'],
    ['proxy:1', false, { user: 'ada', password: '' }, 'bad-login', '1 to 255 bytes'],
    ['proxy:1', false, { user: '', password }, 'bad-login', '1 to 255 bytes'],
    ['proxy:1', false, { user: 'ada', password: password.repeat(20) }, 'bad-login', '1 to 255 bytes'],
    ['system', false, login, 'bad-login', 'proxy that is named'],
  ] as const)('of %j is refused beside its field, and not repeated', (proxy, isOnly, given, code, text) => {
    const said = refusal({ proxy, isOnly, ...(given === undefined ? {} : { login: given }) });
    expect(said).toEqual([code, expect.stringContaining(text)]);
    expect(said.join()).not.toContain(password);
  });
});

it('is shown without a password, wherever that comes from', () => {
  const shown = viewProxy(withLogin, readSetting(`p:1`, true, 'environment'), withLogin.proxy);
  expect(shown).toEqual({
    use: 'named',
    isOnly: false,
    address: 'http://proxy:3128',
    hasLogin: true,
    text: 'http://proxy:3128 with a name and a password, or directly: whichever leads there',
    instead: 'http://p:1 (from the environment); never directly',
    system: 'http://proxy:3128',
  });
  expect(JSON.stringify([shown, withLogin])).not.toMatch(/sesame|ada/);
});
