/** Alerts: one that fires says what is wrong, and what to do. */
import { after } from 'node:test';
import { dropLetters, poisoned } from '../harness/dead-letters.ts';
import { closeBrowser, pageTest } from './console.ts';

after(closeBrowser);

pageTest(
  'an alert that fires says what is wrong and what to do, and is quiet when that is done',
  async (page, t) => {
    t.after(() => dropLetters('all'));
    await poisoned('not-json');
    await page.getByRole('link', { name: 'Health', exact: true }).click();
    const alert = page.getByText(/DeadLetters: fires, since/);
    await alert.waitFor();
    await page.getByText(/messages are in products\.orders\.dlq/).waitFor();
    await page.getByText(/What to do: .*dlq list shows each with its reason/).waitFor();
    await dropLetters('all');
    await alert.waitFor({ state: 'detached' });
  },
);
