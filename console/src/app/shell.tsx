/** What is around every view: title, navigation, whether it is live, light or dark, and what the page may do. */
import { messageOf } from '@microshop/program-kit/errors';
import { type ErrorComponentProps, Link, Outlet, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Button } from 'react-aria-components';
import { type Liveness, useOverview, useStream } from '../api/live.ts';
import { useSession } from '../api/session.ts';
import { switchTheme, useTheme } from './theme.ts';
import { typed } from './typed.ts';

const views = [
  { to: '/', name: 'Map' },
  { to: '/orders', name: 'Orders' },
  { to: '/faults', name: 'Faults' },
  { to: '/messages', name: 'Messages' },
  { to: '/health', name: 'Health' },
  { to: '/dashboards', name: 'Dashboards' },
  { to: '/experiments', name: 'Experiments' },
  { to: '/parts', name: 'Parts' },
] as const;

const livenessTexts: Readonly<Record<Liveness, string>> = {
  live: '● live',
  paused: '‖ paused',
  lost: '○ not live: the control service does not answer',
};

/** The frame of the page. */
export function Shell() {
  const theme = useTheme();
  const session = useSession();
  const { paused = false } = useSearch({ from: '__root__' });
  const navigate = useNavigate();
  const liveness = useStream(paused);
  const overview = useOverview();
  const place = session.data;
  const instance = place?.instance ?? 1;
  const title = instance === 1 ? 'Microshop Mesh' : `Microshop Mesh ${instance}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  const down = overview.data?.parts.filter(({ healthy }) => !healthy).map(({ name }) => name) ?? [];
  return (
    <>
      <header className="top">
        <a className="skip" href="#view">
          Skip to the view
        </a>
        <span className="brand">{title}</span>
        <nav aria-label="Views">
          {views.map(({ to, name }) => (
            <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }}>
              {name}
            </Link>
          ))}
        </nav>
        <span className={`liveness ${liveness}`} role="status">
          {livenessTexts[liveness]}
        </span>
        <Button
          className="quiet"
          onPress={() =>
            void navigate({ to: '.', search: (before) => ({ ...before, paused: paused ? undefined : true }) })
          }
        >
          {paused ? 'Go on' : 'Pause'}
        </Button>
        <Button
          className="quiet"
          onPress={switchTheme}
          aria-label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
        >
          {theme === 'dark' ? '☀' : '☾'}
        </Button>
      </header>
      {liveness === 'lost' && (
        <p className="notice bad" role="alert">
          The control service does not answer: it, or the whole mesh, is stopped. The page shows its last
          answers, and continues when it is back: <code>{typed('up', place)}</code> or{' '}
          <code>{typed('start control', place)}</code>.
        </p>
      )}
      {down.length > 0 && (
        <p className="notice bad" role="status">
          ✗ {down.join(', ')} {down.length === 1 ? 'does' : 'do'} not answer. <Link to="/parts">Parts</Link>{' '}
          says why.
        </p>
      )}
      {session.data?.may_change === false && (
        <p className="notice">
          This page is read-only. <code>{session.data.command} console</code> prints the address of one that
          may change the mesh.
        </p>
      )}
      <main id="view" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}

/** Where no view is. */
export function NoView() {
  return (
    <p>
      There is no such view. <Link to="/">The map</Link>
    </p>
  );
}

/** In place of a view that broke: what is around it stays. */
export function BrokenView({ error }: ErrorComponentProps) {
  return (
    <p className="notice bad" role="alert">
      This view cannot be shown: {messageOf(error)}.{' '}
      <a href={window.location.href} onClick={() => window.location.reload()}>
        Load it again
      </a>
    </p>
  );
}
