/**
 * Comparing keys with one member. The focus is on the heading and not on an answer: an answer given by accident would
 * be worth less than none.
 */
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import type { Compared, ComparisonView } from '../../../src/ipc/view.ts';
import type { Member } from '../../state/list.ts';
import { useApp } from '../context.ts';
import { Dialog } from '../part/Dialog.tsx';
import { Problem } from '../part/Problem.tsx';
import { Qr } from '../part/Qr.tsx';
import { Time } from '../part/Time.tsx';

function Title({ children }: { readonly children: ReactNode }) {
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => ref.current?.focus(), []);
  return (
    <h2 id="compare-title" ref={ref} tabIndex={-1}>
      {children}
    </h2>
  );
}

/** The other way: not to read, but to take what the other screen shows as text. */
function CodeCheck({ onCheck }: { readonly onCheck: (code: string) => void }) {
  const [code, setCode] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() !== '') onCheck(code);
  };
  return (
    <details>
      <summary>You have the code from their screen as text</summary>
      <form className="code-check" onSubmit={submit}>
        <label htmlFor="compare-code">Code from their screen</label>
        <input
          id="compare-code"
          className="mono"
          value={code}
          maxLength={200}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => setCode(event.target.value)}
        />
        <button type="submit" className="button" aria-disabled={code.trim() === ''}>
          Check the code
        </button>
      </form>
    </details>
  );
}

/** What both see. The code is read by a machine, so it needs no words of ours. */
function Both({ comparison }: { readonly comparison: ComparisonView }) {
  return (
    <div className="compare-both">
      <ol className="compare-words" aria-label="Words to compare">
        {comparison.words.map((word, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a word may come twice, its place is its identity
          <li key={n}>{word}</li>
        ))}
      </ol>
      <figure>
        <Qr text={comparison.code} label="The same as a QR code" />
        <figcaption className="quiet small">or let them scan this</figcaption>
      </figure>
    </div>
  );
}

interface DifferProps {
  readonly name: string;
  readonly custodians: readonly string[];
  readonly compared: boolean;
}

function Differ({ name, custodians, compared }: DifferProps) {
  return (
    <>
      <Title>Do not talk here</Title>
      <p className="problem">
        <b>One of you has a wrong key for the other.</b> Somebody may sit between you and read along.
      </p>
      <ol className="steps">
        <li>Read the words once more, slowly. Perhaps one was misheard.</li>
        <li>
          Still not the same? Write nothing to <bdi>{name}</bdi> in Muster, and believe nothing that comes from them
          here.
        </li>
        <li>
          Call a custodian, by telephone or in person: <bdi>{custodians.join(', ')}</bdi>.
        </li>
      </ol>
      <p className="quiet">
        {compared
          ? 'Nothing was recorded now. That you compared before still stands: take it back.'
          : 'Nothing was recorded.'}
      </p>
    </>
  );
}

interface Props {
  readonly member: Member;
  readonly custodians: readonly string[];
  /** With what was recorded, if something was. */
  readonly onLeave: (recorded?: 'compared' | 'withdrawn') => void;
}

export function Compare({ member: { member, name }, custodians, onLeave }: Props) {
  const { compare } = useApp();
  const { comparison, sending, refused } = useStore(compare.store);
  const [differs, setDiffers] = useState(false);
  useEffect(() => {
    void compare.show(member);
    return compare.clear;
  }, [compare, member]);

  const note = async (how: Compared['how'], holds: boolean) => {
    if (await compare.note(member, how, holds)) onLeave(holds ? 'compared' : 'withdrawn');
  };
  const check = async (code: string) => {
    const matches = await compare.check(member, code);
    if (matches === true) await note('code', true);
    else if (matches === false) setDiffers(true);
  };
  const shown = comparison.value;
  const compared = shown?.compared;
  return (
    <Dialog className="dialog dialog-wide" labelledBy="compare-title" onLeave={() => onLeave()}>
      <div className="compare">
        {differs ? (
          <Differ name={name} custodians={custodians} compared={compared !== undefined} />
        ) : (
          <>
            <Title>
              Compare keys with <bdi>{name}</bdi>
            </Title>
            <p>
              Call them, by a voice you know, or stand beside them. Each of you opens this for the other. Read the words
              to each other: all eight must be the same, in this order.
            </p>
            {shown !== undefined && <Both comparison={shown} />}
            {compared !== undefined && (
              <p>
                <b>Keys compared</b>, by {compared.how === 'code' ? 'code' : 'words'}, on{' '}
                <Time ms={compared.atMs} as="both" />.
              </p>
            )}
          </>
        )}
        <Problem problem={refused ?? comparison.problem}>Nothing was recorded.</Problem>
        <div className="actions">
          {differs ? (
            <button type="button" className="button button-main" onClick={() => setDiffers(false)}>
              Compare once more
            </button>
          ) : (
            shown !== undefined && (
              <>
                {compared === undefined && (
                  <button
                    type="button"
                    className="button button-main"
                    aria-disabled={sending}
                    onClick={() => void note('words', true)}
                  >
                    They match
                  </button>
                )}
                <button type="button" className="button" onClick={() => setDiffers(true)}>
                  They do not match
                </button>
              </>
            )
          )}
          {compared !== undefined && (
            <button
              type="button"
              className="button"
              aria-disabled={sending}
              onClick={() => void note(compared.how, false)}
            >
              Take back that you compared
            </button>
          )}
          <button type="button" className="button" onClick={() => onLeave()}>
            Close <kbd>Esc</kbd>
          </button>
        </div>
        {!differs && shown !== undefined && compared === undefined && (
          <CodeCheck onCheck={(code) => void check(code)} />
        )}
      </div>
    </Dialog>
  );
}
