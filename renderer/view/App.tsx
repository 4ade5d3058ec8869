/** Which of the two worlds is shown: the locked door, or the house. */
import { useStore } from 'zustand';
import { Alarm } from './alarm/Alarm.tsx';
import { useApp } from './context.ts';
import { Shell } from './home/Shell.tsx';
import { LinkBanner } from './part/LinkBanner.tsx';
import { ClockBanner } from './part/ClockBanner.tsx';
import { RetiredBanner } from './part/RetiredBanner.tsx';
import { Unlock } from './unlock/Unlock.tsx';

export function App() {
  const { vault } = useApp();
  const state = useStore(vault.store, (all) => all.vault.value?.state);
  return (
    <div className="window">
      <LinkBanner />
      {state === 'open' ? (
        <>
          <RetiredBanner />
          <ClockBanner />
          <Alarm />
          <Shell />
        </>
      ) : (
        <Unlock />
      )}
    </div>
  );
}
