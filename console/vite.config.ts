/** How the page is bundled: graph and charts in files of their own, which are loaded when a view needs them. */

import { viewMark } from '@microshop/control/console/schemas';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/**
 * Has the first view load what draws it beside what every view needs, and not after that. The links are marked with the view:
 * for others the control service leaves them out.
 */
const firstView: Plugin = {
  name: 'first-view',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler(_html, { bundle = {} }) {
      const graph = Object.values(bundle).find(
        (file) => file.type === 'chunk' && file.facadeModuleId?.endsWith('/map/graph.tsx') === true,
      );
      if (graph?.type !== 'chunk') throw new Error('There is no file that draws the map');
      const link = (rel: string, file: string) => ({
        tag: 'link',
        attrs: { rel, crossorigin: true, href: `/${file}`, [viewMark]: '/' },
        injectTo: 'head' as const,
      });
      return [
        link('modulepreload', graph.fileName),
        ...[...(graph.viteMetadata?.importedCss ?? [])].map((file) => link('stylesheet', file)),
      ];
    },
  },
};

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), firstView],
  build: {
    // the page's CSP allows no inline script or image
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: {
    // `npm run dev` shows the sources as they change, with the mesh that runs
    proxy: { '/api': { target: 'http://127.0.0.1:8090', changeOrigin: true } },
  },
});
