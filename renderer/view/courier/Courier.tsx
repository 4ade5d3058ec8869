/** Messages carried by hand, where no relay can be reached: read a file that came, write one that goes. */
import { useStore } from 'zustand';
import type { TakenOut } from '../../../src/ipc/contract.ts';
import type { CourierView } from '../../../src/ipc/view.ts';
import { count } from '../../text/time.ts';
import { useApp, useTitle } from '../context.ts';
import { FileButton } from '../part/FileButton.tsx';
import { Heading } from '../part/Heading.tsx';
import { Problem } from '../part/Problem.tsx';

function Line({ n, children }: { readonly n: number; readonly children: string }) {
  return (
    <tr>
      <td className="number">
        <b>{n}</b>
      </td>
      <td>{children}</td>
    </tr>
  );
}

function headline({ entries, envelopes, has, trouble }: CourierView): string {
  if (has > 0) return 'It says what another device has';
  if (entries > 0) return `${count(entries, 'new entry', 'new entries')} in your rooms`;
  if (envelopes > 0) return 'Nothing new for you';
  return trouble === undefined ? 'There is nothing in it' : 'Nothing was taken in';
}

function Result({ name, view }: { readonly name: string; readonly view: CourierView }) {
  const { envelopes, fresh, known, foreign, has, trouble } = view;
  return (
    <section className="courier-result" aria-labelledby="courier-result">
      <h3 id="courier-result">{headline(view)}</h3>
      <p className="quiet small">
        <bdi>{name}</bdi>
      </p>
      {trouble !== undefined && (
        <p className="problem">
          <b>The file does not hold: {trouble}.</b>{' '}
          {envelopes > 0 ? 'What came before that was taken in and is kept. ' : ''}Have it copied again.
        </p>
      )}
      {envelopes > 0 && (
        <table className="courier-table">
          <caption>
            {count(envelopes, 'sealed envelope')} {trouble === undefined ? 'in it' : 'could be read'}:
          </caption>
          <tbody>
            <Line n={fresh}>new here, and kept</Line>
            <Line n={known}>known here before</Line>
            <Line n={foreign}>not for this device</Line>
          </tbody>
        </table>
      )}
      {has > 0 && (
        <p>{count(has, 'envelope')} are there already. Write a courier file for it below: those are left out.</p>
      )}
    </section>
  );
}

function Written({ name, how }: TakenOut) {
  if (how === 'left') return <p>Nothing was written.</p>;
  return (
    <p>
      <b>
        {how === 'saved' ? 'Written: ' : 'Your browser has it now: '}
        <bdi>{name}</bdi>.
      </b>{' '}
      It can be carried openly: nobody reads it who is not in the rooms.
    </p>
  );
}

export function Courier() {
  const { courier } = useApp();
  const { reading, read, has, writing, written, problem } = useStore(courier.store);
  useTitle('Carry by hand');
  return (
    <div className="page courier">
      <Heading>Carry by hand</Heading>
      <p className="lead">
        Where no relay can be reached, a stick can carry messages from one device to another. Both ways, if you can.
      </p>
      <Problem problem={problem} />
      <section aria-labelledby="courier-read">
        <h2 id="courier-read">Somebody brought a file</h2>
        <p>
          Drag it onto this window, or pick it. It is checked part by part, and what is here already is not taken twice.
        </p>
        <FileButton
          main
          label={reading ? 'Reading…' : 'Read a courier file'}
          disabled={reading}
          onPick={(file) => void courier.read(file)}
        />
        <div role="status">{read !== undefined && <Result name={read.name} view={read.view} />}</div>
      </section>
      <section aria-labelledby="courier-write">
        <h2 id="courier-write">You go to somebody</h2>
        <p>
          {has === undefined
            ? 'The file holds everything this device keeps for its rooms. If the other side first says what it has, it holds only what they lack.'
            : `The other side said that it has ${count(has, 'envelope')}. The file holds only what it lacks.`}
        </p>
        <div className="actions">
          <button
            type="button"
            className="button button-main"
            aria-disabled={writing}
            onClick={() => void courier.pack()}
          >
            {writing ? 'Writing…' : 'Write a courier file'}
          </button>
          {has !== undefined && (
            <button type="button" className="button" onClick={courier.forgetHas}>
              Write everything instead
            </button>
          )}
        </div>
        <div role="status">{written !== undefined && <Written {...written} />}</div>
      </section>
      <section aria-labelledby="courier-have">
        <h2 id="courier-have">So that they bring only what you lack</h2>
        <p>A small file that names what this device has, and holds none of it. The other side reads it, then writes.</p>
        <button type="button" className="button" aria-disabled={writing} onClick={() => void courier.have()}>
          Write what this device has
        </button>
      </section>
    </div>
  );
}
