/** How the page is bundled: graph and charts in files of their own, which are loaded when a view needs them. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    // the policy of the page allows no script or picture within the text of another file
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2022',
  },
  server: {
    // `npm run dev` shows the sources as they change, with the mesh that runs
    proxy: { '/api': { target: 'http://127.0.0.1:8090', changeOrigin: true } },
  },
});
