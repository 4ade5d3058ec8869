/**
 * Which clause which fields of report.json give evidence for: pure data, the same in every report, so that an
 * auditor finds the crosswalk ready (docs/evidence.md says why each pair stands here).
 *
 * A clause is only ever *supported*: whether it is fulfilled is for the competent authority. Clauses that a reach
 * drill says nothing about (talking to authorities, approval by management) must not appear.
 */
import type { Report } from './report.ts';

const nis2 = 'NIS2 (EU) 2022/2555';
const cir = 'CIR (EU) 2024/2690 Annex';

const supports = (clause: string, ...fields: readonly string[]): Report['clauses'][number] => ({
  clause,
  claim: 'supports',
  fields,
});

export const clauseTable: Report['clauses'] = [
  // The Annex has no point of its own for the emergency communication half of (j): the bundle below stands for it.
  supports(`${nis2} Art. 21(2)(j)`, 'drill', 'figures', 'participants', 'relays', 'crypto', 'list', 'events'),
  supports(`${nis2} Art. 21(2)(b)`, 'drill', 'figures', 'events', 'findings'),
  supports(`${nis2} Art. 21(2)(c)`, 'drill', 'participants', 'figures', 'relays', 'list', 'findings'),
  supports(`${nis2} Art. 21(2)(f)`, 'targets', 'figures', 'objectives', 'result'),
  supports(`${cir} 3.1.2(b)`, 'targets', 'participants', 'figures', 'events'),
  supports(`${cir} 3.1.2(d)`, 'list'),
  supports(`${cir} 3.1.3`, 'drill', 'objectives', 'result', 'findings'),
  supports(`${cir} 3.2.5`, 'events', 'evidence'),
  supports(`${cir} 3.2.6`, 'participants.readiness.clockOffsetMs'),
  supports(`${cir} 3.5.3(b)`, 'figures', 'participants', 'byRole'),
  supports(`${cir} 3.5.4`, 'events', 'evidence'),
  supports(`${cir} 3.5.5`, 'drill', 'participants', 'objectives', 'findings'),
  supports(`${cir} 4.1.2(c)`, 'list', 'relays', 'figures'),
  supports(`${cir} 4.1.4`, 'drill', 'objectives', 'findings'),
  supports(
    `${cir} 4.2.4(c)`,
    'participants.deputies',
    'participants.standIn',
    'figures.stoodInFor',
    'figures.deputyMs',
  ),
  supports(`${cir} 4.2.4(d)`, 'relays', 'participants.readiness.relaysUp'),
  supports(`${cir} 4.3.2(a)`, 'participants.role', 'participants.deputies'),
  supports(`${cir} 4.3.2(c)`, 'crypto', 'participants.readiness.factor'),
  supports(`${cir} 4.3.4`, 'drill', 'participants', 'objectives', 'result', 'findings'),
  supports(`${cir} 6.5.2(c)`, 'drill', 'figures', 'findings'),
  supports(`${cir} 6.7.2(i)`, 'crypto', 'relays.pin'),
  supports(`${cir} 9.2(a)`, 'crypto'),
  supports(`${cir} 9.2(b)`, 'crypto.suite'),
  supports(`${cir} 11.5.2(b)`, 'participants', 'list.signedBy'),
  supports(`${cir} 11.7.1`, 'participants.readiness.factor'),
  supports('CIR (EU) 2024/2690 Art. 2(2)', 'notExercised', 'limits'),
];
