/** What is around every view: title, navigation, light or dark, and what the page may do. */
import { Link, Outlet } from '@tanstack/react-router';
import { useEffect } from 'react';
import { Button } from 'react-aria-components';
import { useSession } from '../api/session.ts';
import { useTheme } from './theme.ts';

/** The frame of the page. */
export function Shell() {
  const { theme, toggle } = useTheme();
  const session = useSession();
  const title =
    session.data === undefined || session.data.instance === 1
      ? 'Microshop Mesh'
      : `Mesh ${session.data.instance}`;
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <>
      <header className="top">
        <a className="skip" href="#view">
          Skip to the view
        </a>
        <span className="brand">{title}</span>
        <nav aria-label="Views">
          <Link to="/" activeOptions={{ exact: true }}>
            Parts
          </Link>
        </nav>
        <Button
          className="quiet"
          onPress={toggle}
          aria-label={theme === 'dark' ? 'Light colours' : 'Dark colours'}
        >
          {theme === 'dark' ? '☀' : '☾'}
        </Button>
      </header>
      {session.isError && (
        <p className="notice bad">{session.error.message}. This page tries to reach it every ten seconds.</p>
      )}
      {session.data?.may_change === false && (
        <p className="notice">
          This page may only look. <code>{session.data.command} console</code> prints the address of one that
          may change the mesh.
        </p>
      )}
      <main id="view" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}
