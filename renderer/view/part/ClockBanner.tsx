/** Says that this machine's clock is wrong. Nothing is shown while all is well. */
import { clockMeans, sayClock } from '../../text/clock.ts';
import { useHome } from '../context.ts';

export function ClockBanner() {
  const clock = useHome()?.clock;
  return (
    <div role="status">
      {clock?.wrong === true ? (
        <p className="strip strip-bad">
          <b>{sayClock(clock)}.</b> {clockMeans(clock)}
        </p>
      ) : null}
    </div>
  );
}
