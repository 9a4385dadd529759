import { expect, type Page } from '@playwright/test';
import { opened, painted, project, test } from './desks';

const CASE = new URL('../../target/fixtures/case/', import.meta.url).pathname;
const SLIP = `${CASE}19-被告证据二-现金收条.jpg`;
const CHATS = `${CASE}18-被告证据一-还款凭证.png`;

/** The open request for a document of this title, at the bench. */
const asked = (judge: Page, title: string) => judge.getByTestId('request').and(judge.locator('[data-kind=offer]')).filter({ hasText: title });

test('evidence that a party brings in during the hearing is on every screen seconds after the judge lets it in, and on no other desk before', async ({ sit }) => {
  const judge = await sit('judge');
  const plaintiff = await sit('plaintiff');
  const defendant = await sit('defendant');
  const gallery = await sit('public');
  await opened(judge);
  await plaintiff.getByTestId('deposit-open').click();
  const dialog = plaintiff.getByTestId('deposit');
  await dialog.locator('input[type=file]').first().setInputFiles(SLIP);
  await dialog.getByLabel('名称').fill('补充收条');
  await dialog.getByTestId('deposit-purpose').fill('被告已收到借款');
  await dialog.getByTestId('deposit-send').click();
  await expect(plaintiff.getByTestId('upload')).toContainText('待审判长准许');
  await plaintiff.keyboard.press('Escape');
  await plaintiff.getByTestId('tab-dossier').click();
  await expect(plaintiff.getByTestId('offered')).toContainText('补充收条');

  const request = asked(judge, '补充收条');
  await expect(request).toContainText('被告已收到借款');
  const id = (await judge.getByTestId('offered').getByTestId('doc').getAttribute('data-doc')) ?? '';
  await defendant.getByTestId('tab-dossier').click();
  await expect(defendant.getByTestId('doc').first()).toBeVisible();
  await expect(defendant.getByTestId('catalogue')).not.toContainText('补充收条');
  const seen = await defendant.evaluate(async (doc) => (await fetch(`api/pages/${doc}/1/image`)).status, id);
  expect(seen).toBe(403);
  // The judge alone looks first.
  await request.getByTestId('offer-look').click();
  await expect(judge.getByTestId('sheet')).toHaveAttribute('data-doc', id);
  expect(await painted(judge)).toEqual({ doc: id, page: '1' });
  await expect(gallery.locator(`[data-testid=sheet][data-doc="${id}"]`)).toHaveCount(0);

  await request.getByTestId('grant-show').click();
  for (const page of [gallery, defendant, plaintiff]) {
    await expect(page.getByTestId('sheet')).toHaveAttribute('data-doc', id);
    expect(await painted(page)).toEqual({ doc: id, page: '1' });
  }
  const entry = defendant.getByTestId('doc').and(defendant.locator(`[data-doc="${id}"]`));
  await expect(entry).toContainText(/证据.*补充收条/);
  await expect(judge.getByTestId('offered')).toHaveCount(0);
  await expect(asked(judge, '补充收条')).toHaveCount(0);
});

test('what is let in and shown at once comes in the place of the page that the bench looks at', async ({ sit }) => {
  const [judge, plaintiff, gallery] = [await sit('judge'), await sit('plaintiff'), await sit('public')];
  await opened(judge);
  const shown = await project(judge, 0);
  await expect(gallery.getByTestId('sheet')).toHaveAttribute('data-doc', shown);
  await judge.getByTestId('pages').focus();
  for (let i = 0; i < 8; i += 1) await judge.keyboard.press('+');
  await plaintiff.getByTestId('deposit-open').click();
  const dialog = plaintiff.getByTestId('deposit');
  await dialog.locator('input[type=file]').first().setInputFiles(`${CASE}24-送达回证.pdf`);
  await dialog.getByLabel('名称').fill('当庭补交的回证');
  await dialog.getByTestId('deposit-send').click();
  await expect(plaintiff.getByTestId('upload')).toContainText('待审判长准许');
  await plaintiff.keyboard.press('Escape');
  const request = asked(judge, '当庭补交的回证');
  await request.getByTestId('grant-show').click();
  for (const page of [judge, gallery]) await expect(page.getByTestId('sheet')).not.toHaveAttribute('data-doc', shown);
  await expect(gallery.locator('body')).toContainText('当庭补交的回证');
  expect((await painted(gallery)).page).toBe('1');
  await judge.getByTestId('pages').focus();
  await judge.keyboard.press('9');
  await judge.keyboard.press('F9');
});

test('what the clerk scans for a party waits for the judge, and what is refused leaves the catalogue', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const plaintiff = await sit('plaintiff');
  await opened(judge);
  await clerk.getByTestId('tab-dossier').click();
  await clerk.getByTestId('deposit-open').click();
  const dialog = clerk.getByTestId('deposit');
  await dialog.locator('input[type=file]').first().setInputFiles(CHATS);
  // The file names a party, so that it would be offered as theirs; the clerk knows better whose it is.
  await expect(dialog.getByLabel('提交方')).toHaveValue('named');
  await expect(dialog.getByTestId('deposit-offer')).toBeChecked();
  await dialog.getByLabel('提交方').selectOption('plaintiff');
  await expect(dialog.getByTestId('deposit-offer')).toBeChecked();
  await dialog.getByLabel('名称').fill('另一份凭证');
  await dialog.getByTestId('deposit-send').click();
  await expect(clerk.getByTestId('upload').filter({ hasText: '还款凭证' })).toContainText('待审判长准许');
  await clerk.keyboard.press('Escape');

  const request = asked(judge, '另一份凭证');
  await request.getByTestId('refuse').click();
  await request.getByTestId('refuse-why').fill('超过举证期限');
  await request.getByTestId('refuse-why').press('Enter');
  await expect(request).toHaveCount(0);
  await expect(judge.getByTestId('offered')).toHaveCount(0);
  await expect(judge.getByTestId('catalogue')).not.toContainText('另一份凭证');
  await expect(plaintiff.getByTestId('requests')).toContainText('超过举证期限');
  await plaintiff.getByTestId('tab-dossier').click();
  await expect(plaintiff.getByTestId('doc').first()).toBeVisible();
  await expect(plaintiff.getByTestId('catalogue')).not.toContainText('另一份凭证');
});
