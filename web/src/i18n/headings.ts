// Headings of the standard civil dossier, as a list to choose from; a court's own are added from its catalogue.

import type { CatalogueDoc } from '../protocol/CatalogueDoc';
import type { Side } from '../protocol/Side';

export const DOSSIER_SIDES = ['bench', 'plaintiff', 'defendant', 'thirdParty'] as const satisfies readonly Side[];

const USUAL: Partial<Record<Side, string[]>> = {
  bench: ['起诉状', '答辩状', '身份证明/授权委托', '传票/公告', '送达回证', '庭前会议笔录'],
  plaintiff: ['原告证据', '起诉状', '身份证明/授权委托', '代理词'],
  defendant: ['被告证据', '答辩状', '身份证明/授权委托', '代理词'],
  thirdParty: ['第三人证据', '身份证明/授权委托', '代理词'],
};

export const SECONDARY_HEADINGS = ['阅卷笔录', '审理报告', '评议笔录', '法官会议/审委会记录', '请示批复', '文书原本', '其他'];

export function headingsFor(side: Side, docs: readonly CatalogueDoc[] = []): string[] {
  return [...new Set([...(USUAL[side] ?? []), ...docs.filter((d) => d.side === side).map((d) => d.heading)])];
}

export function isEvidence(heading: string): boolean {
  return heading.includes('证据');
}

/** A list of evidence is none itself. */
export function isList(title: string): boolean {
  return /目录|清单/.test(title);
}

/** The heading of a document that goes over to another side. */
export function headingAt(side: Side, heading: string): string {
  return isEvidence(heading) && side !== 'bench' ? (USUAL[side]?.[0] ?? heading) : heading;
}

/** Whether a refusal says that a file is locked by a password. */
export function wantsPassword(sentence: string): boolean {
  return sentence.includes('打开密码');
}
