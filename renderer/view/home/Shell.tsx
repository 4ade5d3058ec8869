/** The frame around every screen: who and where one is on the left, the screen itself on the right. */
import { useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useApp, useHome } from '../context.ts';
import { Courier } from '../courier/Courier.tsx';
import { Device } from '../device/Device.tsx';
import { MusterList } from '../list/MusterList.tsx';
import { Flag } from '../part/Flag.tsx';
import { Problem } from '../part/Problem.tsx';
import { RelayHere } from '../relay/RelayHere.tsx';
import { ReportPage } from '../report/ReportPage.tsx';
import { Reports } from '../report/Reports.tsx';
import { Room } from '../room/Room.tsx';
import { SendFile } from '../room/SendFile.tsx';
import { Search, SearchButton } from '../search/Search.tsx';
import { Drop } from './Drop.tsx';
import { Overview } from './Overview.tsx';
import { RelayStatus } from './RelayStatus.tsx';
import { Rooms } from './Rooms.tsx';

function Screen() {
  const route = useStore(useApp().route.store);
  switch (route.screen) {
    case 'room':
      return <Room key={route.id} id={route.id} />;
    case 'list':
      return <MusterList />;
    case 'relay':
      return <RelayHere />;
    case 'device':
      return <Device />;
    case 'courier':
      return <Courier />;
    case 'reports':
      return <Reports />;
    case 'report':
      return <ReportPage key={route.id} />;
    case 'home':
      return <Overview />;
  }
}

function Places() {
  const screen = useStore(useApp().route.store, (route) => route.screen);
  const here = (...screens: readonly string[]) => (screens.includes(screen) ? ('page' as const) : undefined);
  return (
    <nav aria-label="Places" className="places">
      <a href="#/" className="place" aria-current={here('home', 'relay')}>
        Readiness
      </a>
      <a href="#/list" className="place" aria-current={here('list')}>
        Muster list
      </a>
      <a href="#/reports" className="place" aria-current={here('reports', 'report')}>
        Drills and reports
      </a>
      <a href="#/courier" className="place" aria-current={here('courier')}>
        Carry by hand
      </a>
      <a href="#/device" className="place" aria-current={here('device')}>
        This device
      </a>
    </nav>
  );
}

export function Shell() {
  const { vault, home: homeStore, route } = useApp();
  const home = useHome();
  const problem = useStore(homeStore.store, (state) => state.home.problem);
  const [open, setOpen] = useState(false);
  // On a narrow window the column lies over the screen; having chosen, one wants to see what was chosen.
  useEffect(() => route.store.subscribe(() => setOpen(false)), [route]);

  return (
    <div className="shell" data-menu={open ? 'open' : 'shut'}>
      <button type="button" className="skip" onClick={() => document.getElementById('screen')?.focus()}>
        Skip to the screen
      </button>
      <header className="side-head">
        <Flag />
        <p className="side-name">
          <bdi>{home?.organisation.name ?? 'Muster'}</bdi>
        </p>
        <button
          type="button"
          className="button menu-button"
          aria-expanded={open}
          aria-controls="side"
          onClick={() => setOpen(!open)}
        >
          {open ? 'Close menu' : 'Menu'}
        </button>
      </header>
      <div className="side" id="side">
        <Places />
        <SearchButton />
        <Rooms />
        <RelayStatus />
        <div className="side-me">
          <p>
            <b>
              <bdi>{home?.me.name}</bdi>
            </b>
            <span className="quiet small">
              <bdi>{home?.me.role}</bdi> · <bdi>{home?.me.device}</bdi>
            </span>
          </p>
          <button type="button" className="button" onClick={() => void vault.lock()}>
            Lock
          </button>
        </div>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region needs the focus to be scrolled */}
      <main className="screen" id="screen" tabIndex={0}>
        <Problem problem={problem} />
        <Screen />
      </main>
      <Search />
      <SendFile />
      <Drop />
    </div>
  );
}
