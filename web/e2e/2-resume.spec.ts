import { expect } from '@playwright/test';
import { opened, painted, project, seated, standardText, test } from './desks';

test('a reload resumes: page, marks and lines are there again', async ({ sit }) => {
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const plaintiff = await sit('plaintiff');
  await opened(judge);
  const doc = await project(judge, 0);
  await standardText(clerk, 'zzsx');
  await plaintiff.getByTestId('tab-record').click();
  await expect(plaintiff.getByTestId('line-text').filter({ hasText: '质证围绕' })).not.toHaveCount(0);
  await expect(plaintiff.getByTestId('sheet')).toHaveAttribute('data-doc', doc);
  await painted(plaintiff);
  await judge.getByTestId('pages').focus();
  await expect(judge.getByTestId('text-layer').first()).toBeAttached();
  await judge.keyboard.press('Control+a');
  await judge.keyboard.press('h');
  await expect(plaintiff.getByTestId('mark')).toHaveCount(1);
  const seen = async () => ({
    page: await painted(plaintiff),
    marks: await plaintiff.getByTestId('mark').count(),
    lines: await plaintiff.getByTestId('line-text').allTextContents(),
  });
  const before = await seen();

  await plaintiff.reload();
  await seated(plaintiff, 'plaintiff');
  await plaintiff.getByTestId('tab-record').click();
  await expect.poll(seen).toEqual(before);

  await judge.getByTestId('mark-undo').click();
  await expect(plaintiff.getByTestId('mark')).toHaveCount(0);

  // And what happens afterwards still arrives.
  await standardText(clerk, 'hbsq');
  await expect(plaintiff.getByTestId('line-text').filter({ hasText: '利害关系' })).not.toHaveCount(0);
});
