/**
 * VERIFY.md: how a stranger checks a pack with tools that are on any Linux or macOS, and what each step proves and
 * does not. Every ```bash block works when pasted in the folder of the pack; a test runs them all.
 */
import type { Report } from '../core/report.ts';
import { manifestName, signatureName } from './manifest.ts';
import { evidenceNamespace } from './sshsig.ts';

const fence = '```';
const bash = (...lines: readonly string[]): string => `${fence}bash\n${lines.join('\n')}\n${fence}`;

export interface VerifyFacts {
  readonly report: Pick<Report, 'id' | 'organisation'>;
  /** Must have passed `isPrincipal`: it is pasted into shells. */
  readonly principal: string;
}

export function verifyText({ report, principal }: VerifyFacts): string {
  const verify = `ssh-keygen -Y verify -f allowed_signers -I ${principal} -n ${evidenceNamespace} -s ${signatureName}`;
  return `# How to check this evidence pack

Report ${report.id}, an exercise. Pack format: muster-pack/1.

You need \`ssh-keygen\` (OpenSSH 8.1 or later) and \`sha256sum\` (GNU coreutils), a shell in this folder, and no network.
You also need one thing that is **not** in this folder: the fingerprint of the organisation and the fingerprint of the
signer's key, from a printed plan, a letter to the auditor, or a voice you know. Whoever makes a pack can write any
fingerprint into it, so what this folder says of itself proves nothing about who made it.

## 1. Whose key

${bash('cut -d " " -f 3- allowed_signers | ssh-keygen -l -f -')}

Compare the \`SHA256:…\` with what you were given by another way. If you were given none, the next steps show that the
pack is of one piece, not who made it.

## 2. The signature

${bash(`${verify} < ${manifestName}`)}

It must say \`Good "${evidenceNamespace}" signature for ${principal}\`.
Proves: the holder of that key signed this list of files. Does not prove: that what they signed is true, or when.
On Windows: \`cmd /c "${verify} < ${manifestName}"\`.

## 3. The files

Only after step 2, because a list that nobody signed proves nothing.

${bash(`sha256sum --strict --quiet -c ${manifestName} && echo "all files are as signed"`)}

On macOS: \`shasum -a 256 -c ${manifestName}\`. Proves: every file on the list is the one that was signed. If the names of the
participants were withheld from your copy, \`annex/participants.csv\` is reported as missing and everything else must be OK.

## 4. Nothing beside them

The step before never looks at files that are not on the list. This prints what is here and not listed, or listed and not
here; it must print nothing:

${bash(
  `diff <(cut -c 67- ${manifestName} | LC_ALL=C sort) <(find . ! -type d | sed 's|^\\./||' | grep -v -x -e ${manifestName} -e '${signatureName.replace('.', '\\.')}' | LC_ALL=C sort)`,
)}

## 5. The report itself

Steps 1 to 4 show who signed which files. With Muster, from a source you trust and not from this folder, a program computes
the report again from the signed entries of the participants' devices and compares every file:

${fence}text
npx muster verify PACK --org FINGERPRINT
${fence}

\`PACK\` is this folder, \`FINGERPRINT\` the organisation's fingerprint **from outside** the pack. Proves: the muster list was
signed by that organisation's custodians; every answer was signed by a device on that list; the figures, tables and the PDF
follow from those entries; the signer of the pack is the director of the drill. A pack that a stranger has made and signed
again fails here.

## What no step proves

| limit | meaning |
|---|---|
| Signed is not true | A signature shows which key said what. It does not show that a person acted; the answers signed by the participants' own devices, and an evaluator's eye, stand for that. |
| Local clocks | Times are the devices' own. The pack has no time stamp of a third party. |
| Whole or part | The pack shows this drill. That no other drill was left out shows in the signed programme, not here. |
| Clauses | \`crosswalk.csv\` names the clauses this report supports evidence for. Whether they are fulfilled is decided by the competent authority. |
| Ed25519 and SHA-256 | Both hold today. Against a large quantum computer Ed25519 would not. |
`;
}
