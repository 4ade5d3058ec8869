/**
 * What others need of the relay on this machine, and whether they have it already. Starting a relay makes no device use
 * it: only the signed muster list does, and the screen must not let anybody believe otherwise.
 */
import type { RelayHereView } from '../../../src/ipc/view.ts';
import { Qr } from '../part/Qr.tsx';
import { Words } from '../part/Words.tsx';

type Known = NonNullable<RelayHereView['known']>;
type Listed = RelayHereView['listed'];

function Use({ known, listed }: { readonly known: Known; readonly listed: Listed }) {
  if (listed === undefined)
    return (
      <section aria-labelledby="relay-use">
        <h2 id="relay-use">No device uses it yet</h2>
        <p>Devices use a relay only if the signed muster list names it. What to do now:</p>
        <ol className="steps">
          <li>
            Give <b>relay.json</b> to a custodian: by USB stick, or let them scan the code below.
          </li>
          <li>Read them the twelve words, by a voice they know. They must see the same ones.</li>
          <li>
            They add it to the next muster list (<code>muster list draft … --relay relay.json</code>), and custodians
            sign.
          </li>
          <li>
            Every device takes in that list (<code>muster list install FILE</code>). From then on it finds this relay by
            itself.
          </li>
        </ol>
        <p className="quiet">Until then the other relays are used as before.</p>
      </section>
    );
  const isAt = listed.addresses.includes(known.address);
  return (
    <section aria-labelledby="relay-use">
      <h2 id="relay-use">{isAt ? 'Devices find it by themselves' : 'Devices look for it elsewhere'}</h2>
      <p className={isAt ? undefined : 'problem'}>
        Muster list {listed.version} names it as{' '}
        <b>
          <bdi>{listed.name}</bdi>
        </b>
        {isAt ? ': a device that holds this list finds it at ' : ' at '}
        <span className="mono">{isAt ? known.address : listed.addresses.join(', ')}</span>
        {isAt ? (
          '.'
        ) : (
          <>
            , but it is set to <span className="mono">{known.address}</span>. Stop it and start it where the list says,
            or give the new relay.json to a custodian for the next list.
          </>
        )}
      </p>
      {isAt && (
        <p className="quiet">
          If none comes, a firewall on this machine may keep port {known.port} shut: that cannot be seen from here.
        </p>
      )}
    </section>
  );
}

export function RelayCard({ known, listed }: { readonly known: Known; readonly listed: Listed }) {
  return (
    <>
      <Use known={known} listed={listed} />
      <section aria-labelledby="relay-pin">
        <h2 id="relay-pin">Its pin</h2>
        <div className="here-pin">
          <div>
            <p className="quiet">The words are read aloud; the digits below them say the same in full.</p>
            <Words words={known.words} fingerprint={known.pin} label="Pin in words" />
          </div>
          <figure>
            <Qr
              text={known.card}
              label={`QR code of relay.json: the address ${known.address} and the pin that stands beside it in words and digits`}
            />
            <figcaption className="quiet small">relay.json: address and pin</figcaption>
          </figure>
        </div>
      </section>
      <section aria-labelledby="relay-card">
        <h2 id="relay-card">relay.json</h2>
        <p>
          It is saved on this machine as <code>{known.cardPath}</code>. Nothing in it is secret.
        </p>
        <label htmlFor="relay-card-text">Its text, to copy</label>
        <textarea
          id="relay-card-text"
          className="mono here-text"
          readOnly
          rows={9}
          value={known.card}
          onFocus={(event) => event.target.select()}
        />
      </section>
    </>
  );
}
