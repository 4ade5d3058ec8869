/** One member: who, who steps in, how to reach them when the usual ways are gone. */
import type { Member } from '../../state/list.ts';
import { count } from '../../text/time.ts';
import { Time } from '../part/Time.tsx';

interface Props {
  readonly member: Member;
  readonly deputies: readonly string[];
  readonly onCompare: () => void;
}

export function MemberLine({ member, deputies, onCompare }: Props) {
  const { name, role, unit, contacts, devices, you, compared } = member;
  const reachable = contacts.some(({ offPrimary }) => offPrimary);
  return (
    <li className="member">
      <div className="member-who">
        <h3>
          <bdi>{name}</bdi>
          {you && <span className="quiet"> (you)</span>}
        </h3>
        <p>
          <bdi>{role}</bdi>
        </p>
        <p className="quiet small">
          <bdi>{unit}</bdi> · {devices === 0 ? <b className="bad">no device</b> : count(devices, 'device')}
        </p>
        {!you && (
          <button type="button" className="button-quiet compare-button" aria-haspopup="dialog" onClick={onCompare}>
            {compared === undefined ? (
              'Compare keys'
            ) : (
              <>
                <b className="compared">Keys compared</b>, <Time ms={compared.atMs} as="date" />
              </>
            )}
            <span className="visually-hidden">
              {' '}
              with <bdi>{name}</bdi>
            </span>
          </button>
        )}
      </div>
      <div className="member-deputies">
        <p className="small quiet">{deputies.length > 1 ? 'Deputies, in order' : 'Deputy'}</p>
        {deputies.length === 0 ? (
          <p className="quiet">none</p>
        ) : (
          <ol className="plain">
            {deputies.map((deputy) => (
              <li key={deputy}>
                <bdi>{deputy}</bdi>
              </li>
            ))}
          </ol>
        )}
      </div>
      <ul className="plain member-contacts" aria-label="Contact paths">
        {contacts.map(({ kind, value, offPrimary }) => (
          <li key={`${kind} ${value}`}>
            <span className="quiet small">{kind}</span> <span className="mono">{value}</span>{' '}
            {offPrimary && <b className="off-primary">off primary</b>}
          </li>
        ))}
        {!reachable && <li className="bad">No path off primary: out of reach when our own systems are down.</li>}
      </ul>
    </li>
  );
}
