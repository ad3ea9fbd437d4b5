/** Starts the page. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { enter } from './api/session.ts';
import { router } from './app/router.tsx';
import './look/page.css';

enter();
const root = document.getElementById('root');
if (root === null) throw new Error('The page has no place for itself');
const queries = new QueryClient({
  defaultOptions: {
    // the mesh may be on this machine: a browser that is offline can still reach it
    queries: { retry: 1, refetchOnWindowFocus: false, networkMode: 'always' },
    mutations: { networkMode: 'always' },
  },
});
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
