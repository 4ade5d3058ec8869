/** The muster list: who is on it, who signed it, how long it holds. Everything on it can be read without a click. */
import { useState } from 'react';
import { useStore } from 'zustand';
import type { ListView } from '../../../src/ipc/view.ts';
import { type Member, searchMembers } from '../../state/list.ts';
import { count, formatDuration } from '../../text/time.ts';
import { useApp, useNow, useTitle } from '../context.ts';
import { Heading } from '../part/Heading.tsx';
import { Problem } from '../part/Problem.tsx';
import { Time } from '../part/Time.tsx';
import { Compare } from './Compare.tsx';
import { MemberLine } from './MemberLine.tsx';

function Standing({ list }: { readonly list: ListView }) {
  const now = useNow(60_000);
  const left = list.expiresAtMs - now;
  const signed = list.custodians.filter((each) => each.signed).length;
  return (
    <dl className="facts">
      <div>
        <dt>Version</dt>
        <dd>
          <b>{list.version}</b>, signed on <Time ms={list.issuedAtMs} as="date" />
        </dd>
      </div>
      <div data-good={left > 0}>
        <dt>Holds until</dt>
        <dd>
          <b>
            <Time ms={list.expiresAtMs} as="date" />
          </b>
          , {left > 0 ? `${formatDuration(left)} left` : `expired ${formatDuration(left)} ago`}
        </dd>
      </div>
      <div>
        <dt>Custodians</dt>
        <dd>
          <b>
            {signed} of {list.custodians.length} signed
          </b>
          , {list.threshold} must
          <ul className="plain custodians">
            {list.custodians.map(({ name, signed: has }) => (
              <li key={name}>
                <bdi>{name}</bdi>: {has ? 'signed' : 'not signed'}
              </li>
            ))}
          </ul>
        </dd>
      </div>
      <div>
        <dt>Drills</dt>
        <dd>
          <b>{list.drills.planned} planned</b>
          <ul className="plain">
            {list.drills.announced.map(({ title, fromMs }) => (
              <li key={`${title} ${fromMs}`}>
                Announced: {title}, from <Time ms={fromMs} as="date" />
              </li>
            ))}
          </ul>
        </dd>
      </div>
    </dl>
  );
}

export function MusterList() {
  const { value: list, problem } = useStore(useApp().list.store, (state) => state.list);
  const [search, setSearch] = useState('');
  const [comparing, setComparing] = useState<Member>();
  const [told, setTold] = useState('');
  useTitle('Muster list');
  if (list === undefined)
    return problem === undefined ? <p className="empty">Reading the muster list…</p> : <Problem problem={problem} />;
  const found = searchMembers(list.members, search);
  const nameOf = new Map(list.members.map(({ member, name }) => [member, name]));
  return (
    <div className="page">
      <Heading>Muster list</Heading>
      <Problem problem={problem} />
      <Standing list={list} />
      <section aria-labelledby="members-title">
        <div className="list-head">
          <div>
            <h2 id="members-title">Members</h2>
            <p className="quiet">
              <b className="off-primary">off primary</b> works while our own mail, directory and network are down.
            </p>
          </div>
          <search>
            <label htmlFor="member-search">Search by name, role, unit or number</label>
            <input
              id="member-search"
              type="search"
              value={search}
              autoComplete="off"
              onChange={(event) => setSearch(event.target.value)}
            />
          </search>
        </div>
        <p role="status" className="quiet small">
          {search.trim() === ''
            ? count(list.members.length, 'member')
            : `${found.length} of ${list.members.length} members`}
        </p>
        {found.length === 0 && (
          <p className="empty">Nobody on the list matches. Try one word, or a part of the name.</p>
        )}
        <ul className="plain members" aria-label="Members">
          {found.map((member) => (
            <MemberLine
              key={member.member}
              member={member}
              deputies={member.deputies.map((each) => nameOf.get(each) ?? each)}
              onCompare={() => setComparing(member)}
            />
          ))}
        </ul>
        <p role="status" className="visually-hidden">
          {told}
        </p>
        {comparing !== undefined && (
          <Compare
            member={comparing}
            custodians={list.custodians.map(({ name }) => name)}
            onLeave={(recorded) => {
              setComparing(undefined);
              setTold(
                recorded === undefined
                  ? ''
                  : `${recorded === 'compared' ? 'Recorded: keys compared with' : 'Taken back: comparing keys with'} ${comparing.name}.`,
              );
            }}
          />
        )}
      </section>
      <section aria-labelledby="list-relays-title">
        <h2 id="list-relays-title">Relays on this list</h2>
        <ul className="plain rows">
          {list.relays.map(({ id, name, addresses }) => (
            <li key={id} className="row">
              <b>
                <bdi>{name}</bdi>
              </b>
              <span className="mono small">{addresses.join('   ')}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
