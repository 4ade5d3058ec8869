/** The drills of this organisation, and the report that is open. */
import { createStore } from 'zustand/vanilla';
import type { Report, ReportLine } from '../../src/ipc/view.ts';
import type { Api } from '../api.ts';
import { type Asked, createReader } from './ask.ts';

export interface ReportState {
  readonly lines: Asked<readonly ReportLine[]>;
  readonly drill?: string | undefined;
  readonly report: Asked<Report>;
}

export function createReports(api: Api) {
  const store = createStore<ReportState>(() => ({ lines: {}, report: {} }));
  const lines = createReader(api, 'report.list');
  const one = createReader(api, 'report.read');

  async function refresh(): Promise<void> {
    const next = await lines.read({}, store.getState().lines);
    if (next !== undefined) store.setState({ lines: next });
    const { drill, report } = store.getState();
    if (drill === undefined) return;
    const read = await one.read({ drill }, report);
    if (read !== undefined) store.setState({ report: read });
  }
  return {
    store,
    refresh,
    async show(drill: string | undefined): Promise<void> {
      if (store.getState().drill !== drill) {
        one.forget();
        store.setState({ drill, report: {} });
      }
      await refresh();
    },
    clear() {
      lines.forget();
      one.forget();
      store.setState({ lines: {}, drill: undefined, report: {} });
    },
  };
}
