// 不公开: one key; the public screen shows the notice and its browser receives nothing of what is behind the curtain.
import { expect } from '@playwright/test';
import { addressOf, opened, project, seated, test } from './desks';

const SECRET = '幕后机密甲乙丙';

test('nothing said or shown behind the curtain reaches the public browser, then or later', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const publicScreen = await sit('public');
  const received: string[] = [];
  publicScreen.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(payload.toString())));
  const bodies: Promise<unknown>[] = [];
  publicScreen.on('response', (response) => bodies.push(response.text().then((text) => received.push(response.url(), text), () => received.push(response.url()))));
  // The line that is listened to is one that was opened after listening began.
  await publicScreen.goto(addressOf('public'));
  await seated(publicScreen, 'public');
  await opened(judge);
  await project(judge, 0);

  await judge.keyboard.press('Shift+F8');
  await expect(judge.getByTestId('ground-privacy')).toBeVisible();
  await judge.keyboard.press('Escape');
  await expect(judge.getByTestId('ground-privacy')).toBeHidden();
  await expect(judge.getByTestId('curtain')).toHaveCount(0);
  await judge.keyboard.press('Shift+F8');
  await expect(judge.getByTestId('ground-privacy')).toBeVisible();
  await judge.keyboard.press('2');
  await expect(judge.getByTestId('curtain')).toBeVisible();
  await expect(clerk.getByTestId('curtain')).toBeVisible();
  await expect(publicScreen.locator('[data-closed]')).toBeVisible();

  const doc = await project(judge, 5);
  await expect(clerk.getByTestId('sheet')).toHaveAttribute('data-doc', doc);
  await clerk.keyboard.press('Insert');
  await clerk.getByTestId('line-editor').fill(SECRET);
  await clerk.keyboard.press('Enter');
  const line = judge.getByTestId('line').filter({ hasText: SECRET });
  await expect(line.getByTestId('line-closed')).toBeVisible();
  await publicScreen.reload();
  await expect(publicScreen.locator('[data-closed]')).toBeVisible();

  await judge.keyboard.press('Shift+F8');
  await expect(judge.getByTestId('curtain')).toHaveCount(0);
  await expect(publicScreen.locator('[data-closed]')).toHaveCount(0);
  await publicScreen.reload();
  await seated(publicScreen, 'public');
  // A page shown in public comes after everything before it on the same line.
  await project(judge, 0);
  await expect(publicScreen.getByTestId('sheet')).toBeVisible();
  await Promise.all(bodies);
  const all = received.join('\n');
  expect(all.includes('"type":"welcome"'), 'what the public browser receives is listened to').toBe(true);
  expect(all.includes(SECRET), 'what was said').toBe(false);
  const shown = received.filter((text) => [`"${doc}"`, `/${doc}`].some((written) => text.includes(written)));
  expect(shown.map((text) => text.slice(0, 2000)), 'what was shown').toEqual([]);

  const told = judge.getByTestId('line').filter({ hasText: /以下不公开进行|恢复公开进行/ });
  await expect(told).toHaveCount(2);
  const paper = await judge.request.get(new URL('papers/interruptions.html', judge.url()).href);
  expect(await paper.text()).toContain('涉及商业秘密');
});
