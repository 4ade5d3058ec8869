/**
 * What runs in the thread of the store: answers questions with the database, one after the other.
 *
 * It must never let an error of one question end the thread: the next ones would be lost with it.
 */
import { Broken, Refused } from '../src/wire/fault.ts';
import { copyTo } from './copy.ts';
import { TopicDatabase } from './database.ts';
import { isDamage, textOf } from './driver.ts';
import type { Answer, CallName, Calls, Question } from './message.ts';

interface Port {
  on(event: 'message', take: (question: Question) => void): unknown;
  postMessage(answer: Answer, transfer?: readonly ArrayBuffer[]): void;
  close(): void;
}

/** Answers questions until `close`. */
export function serve(port: Port): void {
  let database: TopicDatabase | undefined;
  const outside: Pick<Calls, 'open' | 'backup'> = {
    open(job) {
      database = new TopicDatabase(job);
      return database.opened;
    },
    backup: copyTo,
  };
  const answer = ({ call, args }: Question): unknown => {
    if (call === 'open' || call === 'backup') {
      const method: (...args: never[]) => unknown = outside[call];
      return Reflect.apply(method, undefined, args);
    }
    if (database === undefined && call === 'close') return undefined;
    if (database === undefined) throw new Broken('broken', 'the store is not open');
    const method: (...args: never[]) => unknown = database[call];
    return Reflect.apply(method, database, args);
  };
  port.on('message', (question) => {
    try {
      const value = answer(question);
      port.postMessage({ id: question.id, value }, buffersOf(question.call, value));
    } catch (error) {
      port.postMessage({ id: question.id, failure: failureOf(error) });
    }
    if (question.call === 'close') port.close(); // and with it the thread ends, or the channel
    if (question.call !== 'batch') return;
    try {
      database?.rest();
    } catch {
      // The next commit meets the same trouble and says so.
    }
  });
}

/** What is large goes over without a copy. */
function buffersOf(call: CallName, value: unknown): ArrayBuffer[] {
  const isPage = call === 'read' && typeof value === 'object' && value !== null && 'bytes' in value;
  return isPage && value.bytes instanceof Uint8Array && value.bytes.buffer instanceof ArrayBuffer
    ? [value.bytes.buffer]
    : [];
}

function failureOf(error: unknown): NonNullable<Answer['failure']> {
  const text = textOf(error);
  if (error instanceof Refused && error.code === 'unsupported-version') return { code: error.code, text };
  if (isDamage(error)) return { code: 'corrupt', text };
  return { code: /sqlite|ENOSPC|EROFS|EIO/i.test(text) ? 'disk' : 'broken', text };
}
