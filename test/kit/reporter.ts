/**
 * Ends a test run with one plain line, `N passed, N failed` (and `, N skipped` if any), for programs that read the
 * output. A file that could not be loaded and an error outside any test count as failed.
 */
import type { Reporter, SerializedError, TestModule } from 'vitest/node';

/** The part of a finished module that is counted; a test can make one up. */
export interface Counted {
  readonly states: readonly ('passed' | 'failed' | 'skipped' | 'pending')[];
  /** Failures of the file itself: it did not load, or a hook of it threw. */
  readonly errors: number;
}

export function summarize(modules: readonly Counted[], strayErrors: number): string {
  const states = modules.flatMap((module) => module.states);
  const count = (state: Counted['states'][number]) => states.filter((each) => each === state).length;
  // A test that never came to a result did not pass, whatever the reason.
  const failed =
    count('failed') + count('pending') + modules.reduce((sum, module) => sum + module.errors, 0) + strayErrors;
  const skipped = count('skipped');
  return `${count('passed')} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function countModule(module: TestModule): Counted {
  const suites = [...module.children.allSuites()];
  return {
    states: [...module.children.allTests()].map((test) => test.result().state),
    errors: module.errors().length + suites.reduce((sum, suite) => sum + suite.errors().length, 0),
  };
}

export default class LastLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    const line = summarize(modules.map(countModule), errors.length);
    // At exit, because a teardown may still print something after this.
    process.once('exit', () => console.log(line));
  }
}
