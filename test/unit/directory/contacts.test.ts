import { describe, expect, test } from 'vitest';
import { readContacts } from '../../../src/directory/contacts.ts';

const heading =
  'handle,name,role,unit,time_zone,deputies,path1_kind,path1,path1_off_primary,path2_kind,path2,path2_off_primary';
const ada = 'ada,Ada Brandt,commander,Crisis,Europe/Berlin,bela,mobile,+49 151 1,yes,email,ada@example.org,no';
const bela = 'bela,Béla Szabó,officer,IT,Europe/Budapest,,mobile,+36 20 1,yes,radio,Channel 7,yes';
const file = (...lines: readonly string[]) => lines.join('\n');

test('reads members, paths and deputies', () => {
  const [first, second] = readContacts(file(heading, ada, bela));
  expect(first).toMatchObject({ line: 2, handle: 'ada', name: 'Ada Brandt', role: 'commander', deputies: ['bela'] });
  expect(first?.paths).toEqual([
    { kind: 'mobile', value: '+49 151 1', offPrimary: true },
    { kind: 'email', value: 'ada@example.org', offPrimary: false },
  ]);
  expect(second).toMatchObject({ line: 3, name: 'Béla Szabó', deputies: [] });
});

test('takes what spreadsheets write: byte order mark, CRLF, semicolons, empty lines, quotes', () => {
  const semicolons = (line: string) => line.split(',').join(';');
  const text = `\uFEFF${[semicolons(heading), semicolons(ada), '', semicolons(bela).replace('Béla Szabó', '"Szabó; Béla"')].join('\r\n')}\r\n`;
  const [, second] = readContacts(text);
  expect(second).toMatchObject({ line: 4, name: 'Szabó; Béla' });
});

test('a line number counts the lines inside a quoted cell', () => {
  const long = ada.replace('Crisis', '"Crisis\nManagement"');
  expect(() => readContacts(file(heading, long, bela.replace('officer', 'chief')))).toThrow(/line 4, column role/);
});

describe('refuses, naming line and column:', () => {
  const cases: readonly [what: string, lines: readonly string[], message: RegExp][] = [
    ['an unknown role', [ada, bela.replace('officer', 'chief')], /line 3, column role: "chief" is none of commander/],
    ['a handle with blanks', [ada.replace('ada,', 'a da,'), bela], /line 2, column handle/],
    ['the same handle twice', [ada, bela, bela], /line 4, column handle: "bela" stands on line 3 already/],
    ['a deputy who is nobody', [ada, bela.replace('Budapest,', 'Budapest,zoe')], /line 3, column deputies.*"zoe"/],
    [
      'oneself as deputy',
      [ada, bela.replace('Budapest,', 'Budapest,bela')],
      /line 3, column deputies: nobody is their own/,
    ],
    ['a time zone that is none', [ada.replace('Berlin', 'Nowhere'), bela], /line 2, column time_zone/],
    ['one contact path', [ada, bela.replace('radio,Channel 7,yes', ',,')], /line 3, column path2: a member needs two/],
    ['no path off the primary infrastructure', [ada.replace(',yes', ',no'), bela], /line 2, column path1_off_primary/],
    ['a kind of path that is none', [ada.replace('email', 'pigeon'), bela], /line 2, column path2_kind/],
    ['neither yes nor no', [ada.replace('yes', 'maybe'), bela], /line 2, column path1_off_primary: "maybe"/],
    ['a cell too many', [`${ada},x`, bela], /line 2: 13 cells where the heading has 12/],
    ['an empty name', [ada.replace('Ada Brandt', ''), bela], /line 2, column name: this is empty/],
    ['a file of nobody', [], /line 2: there is nobody/],
  ];
  test.each(cases)('%s', (_, lines, message) => {
    expect(() => readContacts(file(heading, ...lines))).toThrow(message);
  });
  test('a missing and an unknown column', () => {
    expect(() => readContacts(file(heading.replace('unit', 'team'), ada))).toThrow(
      /column unit.*missing[\s\S]*column team/,
    );
  });
  test('everything at once', () => {
    const wrong = [ada.replace('commander', 'x'), bela.replace('officer', 'y')];
    expect(() => readContacts(file(heading, ...wrong))).toThrow(/line 2[\s\S]*line 3/);
  });
});
