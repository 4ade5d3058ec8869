import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  checkSshSignature,
  encodeAllowedSigners,
  evidenceNamespace,
  readAllowedSigners,
  sealSshSignature,
  sshFingerprint,
} from '../../../src/evidence/sshsig.ts';
import { utf8 } from '../../../src/wire/bytes.ts';
import { director, signerOf } from '../../kit/pack.ts';
import { sshKeygen } from '../../kit/sshKeygen.ts';

const message = utf8('what was signed\n');
const seal = (namespace = evidenceNamespace) =>
  sealSshSignature({ message, namespace, publicKey: director.publicKey, sign: director.sign });
const folder = () => mkdtempSync(join(tmpdir(), 'muster-ssh-'));

describe('our signatures, read by ssh-keygen', () => {
  it('are accepted, and named with our fingerprint', () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'sig'), seal());
    const signers = encodeAllowedSigners([{ principal: 'director-P01', publicKey: director.publicKey }]);
    writeFileSync(join(cwd, 'signers'), signers);
    const args = ['-Y', 'verify', '-f', 'signers', '-I', 'director-P01', '-n', evidenceNamespace, '-s', 'sig'];
    const ran = sshKeygen(args, { cwd, input: message });
    expect(ran.stderr).toBe('');
    expect(ran.status).toBe(0);
    expect(ran.stdout).toContain(sshFingerprint(director.publicKey));
    expect(sshKeygen(args, { cwd, input: utf8('something else\n') }).status).not.toBe(0);
  });

  it('are refused for another signer, principal or namespace', () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'sig'), seal());
    writeFileSync(
      join(cwd, 'other'),
      encodeAllowedSigners([{ principal: 'director-P01', publicKey: signerOf('stranger').publicKey }]),
    );
    writeFileSync(
      join(cwd, 'signers'),
      encodeAllowedSigners([{ principal: 'director-P01', publicKey: director.publicKey }]),
    );
    const verify = (file: string, principal: string, namespace: string) =>
      sshKeygen(['-Y', 'verify', '-f', file, '-I', principal, '-n', namespace, '-s', 'sig'], { cwd, input: message })
        .status;
    expect(verify('signers', 'director-P01', evidenceNamespace)).toBe(0);
    expect(verify('other', 'director-P01', evidenceNamespace)).not.toBe(0);
    expect(verify('signers', 'director-P02', evidenceNamespace)).not.toBe(0);
    expect(verify('signers', 'director-P01', 'file')).not.toBe(0);
  });
});

describe('signatures of ssh-keygen, read by us', () => {
  it('are accepted, byte for byte in the form we write', () => {
    const cwd = folder();
    expect(sshKeygen(['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', 'key'], { cwd }).status).toBe(0);
    const made = sshKeygen(['-Y', 'sign', '-f', 'key', '-n', evidenceNamespace], { cwd, input: message });
    expect(made.status).toBe(0);
    const { publicKey } = checkSshSignature(made.stdout, message, evidenceNamespace);
    const printed = sshKeygen(['-l', '-f', 'key.pub'], { cwd }).stdout;
    expect(printed).toContain(` ${sshFingerprint(publicKey)} `);
    const line = readFileSync(join(cwd, 'key.pub'), 'utf8').trim();
    expect(encodeAllowedSigners([{ principal: 'x', publicKey }])).toBe(`x namespaces="${evidenceNamespace}" ${line}\n`);
  });

  it('are refused with sha256 or an RSA key', () => {
    const cwd = folder();
    sshKeygen(['-q', '-t', 'ed25519', '-N', '', '-f', 'ed'], { cwd });
    sshKeygen(['-q', '-t', 'rsa', '-b', '2048', '-N', '', '-f', 'rsa'], { cwd });
    const sha256 = sshKeygen(['-Y', 'sign', '-f', 'ed', '-O', 'hashalg=sha256', '-n', evidenceNamespace], {
      cwd,
      input: message,
    }).stdout;
    const rsa = sshKeygen(['-Y', 'sign', '-f', 'rsa', '-n', evidenceNamespace], { cwd, input: message }).stdout;
    for (const armored of [sha256, rsa]) {
      expect(armored).toContain('BEGIN SSH SIGNATURE');
      expect(() => checkSshSignature(armored, message, evidenceNamespace)).toThrow(/one form/);
    }
  });
});

describe('one form', () => {
  it('gives back the key', () => {
    expect(checkSshSignature(seal(), message, evidenceNamespace).publicKey).toEqual(director.publicKey);
  });

  it('refuses every change of every byte', () => {
    const armored = seal();
    for (let at = 0; at < armored.length; at++) {
      for (const mask of [1, 2, 4, 8, 16, 32, 64]) {
        const changed =
          armored.slice(0, at) + String.fromCharCode(armored.charCodeAt(at) ^ mask) + armored.slice(at + 1);
        expect(() => checkSshSignature(changed, message, evidenceNamespace), `byte ${at} mask ${mask}`).toThrow();
      }
    }
  });

  it.each([
    ['a missing last line feed', (text: string) => text.slice(0, -1)],
    ['carriage returns', (text: string) => text.replaceAll('\n', '\r\n')],
    ['something after the end', (text: string) => `${text}\n`],
    ['something before the start', (text: string) => ` ${text}`],
    ['longer lines', (text: string) => text.replace(/([^-])\n([^-])/g, '$1$2')],
    ['nothing', () => ''],
    ['the frame alone', () => '-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n'],
  ])('refuses %s', (_, change) => {
    expect(() => checkSshSignature(change(seal()), message, evidenceNamespace)).toThrow(/one form/);
  });

  it('refuses another message and another namespace', () => {
    expect(() => checkSshSignature(seal(), utf8('another'), evidenceNamespace)).toThrow(/does not fit/);
    expect(() => checkSshSignature(seal('file'), message, evidenceNamespace)).toThrow(/one form/);
  });
});

describe('allowed_signers', () => {
  const text = encodeAllowedSigners([{ principal: 'director-P01', publicKey: director.publicKey }]);

  it('comes back', () => {
    expect(readAllowedSigners(text)).toEqual([{ principal: 'director-P01', publicKey: director.publicKey }]);
  });

  it.each([
    ['another namespace', text.replace('drill', 'grill')],
    ['no namespace', text.replace(/ namespaces="[^"]*"/, '')],
    ['a wildcard', text.replace('director-P01', '*')],
    ['a comment', text.replace('\n', ' comment\n')],
    ['a blank line', `${text}\n`],
    ['no last line feed', text.trimEnd()],
    ['the same principal twice', text + text],
    ['nothing', ''],
    ['a certificate authority', text.replace(' namespaces', ' cert-authority,namespaces')],
  ])('is refused with %s', (_, given) => {
    expect(() => readAllowedSigners(given)).toThrow(/one form/);
  });
});
