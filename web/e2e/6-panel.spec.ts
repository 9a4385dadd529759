import { expect, type Page } from '@playwright/test';
import { join, opened, painted, project, standardText, test } from './desks';

interface Sitter {
  role: string;
  name: string;
  authority?: string;
  inCharge?: boolean;
  /** Names of those whom an agent acts for. */
  actsFor?: string[];
}

async function actFor(clerk: Page, names: string[]): Promise<void> {
  for (const name of names) await clerk.getByTestId('seat-acts-for').getByLabel(name).check();
}

/** The clerk gives a further person a seat, marks them present and hands out the link. */
async function addSeat(clerk: Page, { role, name, authority = '', inCharge = false, actsFor = [] }: Sitter): Promise<string> {
  const seats = async () => clerk.getByTestId('roster').locator('[data-testid^="seat-"]').evaluateAll((all) => all.map((s) => s.getAttribute('data-testid') ?? ''));
  const before = new Set(await seats());
  await clerk.getByTestId('seat-add').click();
  await clerk.getByTestId('seat-role').selectOption(role);
  await clerk.getByTestId('seat-name').fill(name);
  if (authority) await clerk.getByTestId('seat-authority').fill(authority);
  if (inCharge) await clerk.getByTestId('seat-in-charge').check();
  await actFor(clerk, actsFor);
  await clerk.getByTestId('seat-save').click();
  await expect(clerk.getByTestId('seat-editor')).toHaveCount(0);
  const added = async () => (await seats()).find((s) => !before.has(s));
  await expect.poll(added).toBeDefined();
  const id = ((await added()) ?? '').replace('seat-', '');
  await clerk.getByTestId(`present-${id}`).check();
  return id;
}

test('a panel of three hears two plaintiffs with their agents and a witness who sees nothing before being called', async ({ sit, browser }) => {
  test.setTimeout(120_000);
  const judge = await sit('judge');
  const clerk = await sit('clerk');
  const wall = await sit('public');
  await opened(judge);
  const lines = (page: Page, text: string) => page.getByTestId('line-text').filter({ hasText: text });

  await addSeat(clerk, { role: 'judge', name: '吴清', inCharge: true });
  await addSeat(clerk, { role: 'assessor', name: '郑和' });
  await addSeat(clerk, { role: 'plaintiff', name: '张三' });
  await addSeat(clerk, { role: 'plaintiff', name: '李四' });
  await addSeat(clerk, { role: 'plaintiffAgent', name: '王五', authority: '特别授权', actsFor: ['张三'] });
  await addSeat(clerk, { role: 'plaintiffAgent', name: '赵六', authority: '一般代理', actsFor: ['李四'] });
  await addSeat(clerk, { role: 'witness', name: '冯八' });

  const second = await join(browser, clerk, '吴清');
  await expect(second.page.getByTestId('screen-judge')).toBeVisible();
  const agent = await join(browser, clerk, '赵六');
  await expect(agent.page.getByTestId('screen-party')).toBeVisible();
  const witness = await join(browser, clerk, '冯八');
  await expect(witness.page.getByTestId('screen-waiting')).toBeVisible();

  // The witness waits: not a byte of the record or of the page on the screens.
  const doc = await project(judge, 1);
  await standardText(clerk, 'qtql');
  await expect(lines(judge, '全体起立')).not.toHaveCount(0);
  await expect(agent.page.getByTestId('sheet')).toHaveAttribute('data-doc', doc);
  const told = () => witness.frames.join('\n');
  expect(told()).not.toContain('全体起立');
  expect(told()).not.toContain(doc);
  const seat = new URL(witness.page.url()).pathname;
  const peek = await witness.page.request.get(`${new URL(witness.page.url()).origin}${seat}api/pages/${doc}/1/image`);
  expect(peek.status()).toBe(403);

  // Steps, each by one key, with the names in the record.
  await clerk.getByTestId('tab-steps').click();
  await clerk.getByTestId('steps').focus();
  await clerk.keyboard.press('1');
  await expect(lines(judge, '核对原告方到庭人员身份')).toHaveCount(1);
  for (const name of ['张三', '李四', '王五（特别授权）', '赵六（一般代理）']) await expect(lines(judge, name)).not.toHaveCount(0);
  // With agents of their own they are asked apart.
  await clerk.getByRole('tab', { name: '到庭人员' }).click();
  await clerk.getByTestId('seat-plaintiff').click();
  await actFor(clerk, ['王建国']);
  await clerk.getByTestId('seat-save').click();
  await clerk.getByTestId('tab-steps').click();
  await clerk.getByRole('button', { name: '原告张三不申请回避' }).click();
  await expect(lines(judge, '询问原告张三是否申请回避，原告张三答：不申请回避。')).toHaveCount(1);
  await clerk.getByTestId('step-authority-赵六').click();
  await expect(lines(judge, '赵六的代理权限为一般代理')).toHaveCount(1);
  await clerk.getByTestId('step-noRecusal-defendant').click();
  await expect(lines(judge, '询问被告方是否申请回避')).toHaveCount(1);

  // On the stand the witness sees the screens, and never the record.
  await judge.getByTestId('tab-steps').click();
  await judge.getByTestId('step-witnessCalled-冯八').click();
  await expect(witness.page.getByTestId('screen-party')).toBeVisible();
  await expect(witness.page.getByTestId('sheet')).toHaveAttribute('data-doc', doc);
  await painted(witness.page);
  await clerk.getByTestId('step-undertaking-冯八').click();
  await expect(lines(second.page, '冯八已签署保证书')).toHaveCount(1);
  await judge.getByTestId('step-witnessExcused-冯八').click();
  await expect(witness.page.getByTestId('screen-waiting')).toBeVisible();
  expect(told()).not.toContain('核对原告方');

  // Issues: the bench alone while they are drafted, every screen once they are settled.
  await judge.getByTestId('tab-issues').click();
  await judge.getByTestId('issue-add').fill('借款是否实际交付');
  await judge.keyboard.press('Enter');
  await expect(second.page.getByTestId('tab-issues')).toBeVisible();
  await second.page.getByTestId('tab-issues').click();
  await expect(second.page.getByTestId('issue')).toHaveCount(1);
  await expect(agent.page.getByTestId('tab-issues')).toHaveCount(0);
  await judge.getByTestId('link-line').first().click();
  await expect(second.page.getByTestId('issue-line')).toHaveCount(1);
  await judge.getByTestId('issue-put').click();
  await agent.page.getByTestId('tab-issues').click();
  await expect(agent.page.getByTestId('issue')).toHaveCount(1);
  await judge.getByTestId('issue-agrees-plaintiff').click();
  await expect(lines(clerk, '原告方对争议焦点无异议')).toHaveCount(1);
  await judge.getByTestId('issue-settle').click();
  await expect(lines(clerk, '本庭确定本案争议焦点为')).toHaveCount(1);
  await judge.keyboard.press('F4');
  await judge.keyboard.press('F9');
  await expect(wall.getByTestId('issues')).toContainText('借款是否实际交付');
  expect(told()).not.toContain('借款是否实际交付');

  // 质证表: the purpose is written by the side itself, and read by the bench.
  await agent.page.getByRole('tab', { name: '质证表' }).click();
  await agent.page.getByTestId('describe-open').first().click();
  await agent.page.getByTestId('describe-purpose').fill('证明借款合意');
  await agent.page.getByTestId('describe-purpose').press('Enter');
  await expect(agent.page.getByTestId('describe')).toHaveCount(0);
  await judge.getByTestId('tab-table').click();
  await expect(judge.getByTestId('examination')).toContainText('证明借款合意');

  // The note of the bench is the bench's.
  await judge.getByTestId('tab-table').click();
  const note = judge.getByTestId('bench-note').first();
  await note.fill('签名需比对');
  await note.blur();
  await second.page.getByTestId('tab-table').click();
  await expect(second.page.getByTestId('bench-note').first()).toHaveValue('签名需比对');
  expect(agent.frames.join('\n')).not.toContain('签名需比对');

  for (const { page } of [second, agent, witness]) await page.context().close();
});
