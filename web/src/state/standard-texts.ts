// 语句库: what a clerk says at every hearing, put into the record by one key. Court language, not interface language.

export interface StandardText {
  /** 提示码, typed to find it. */
  code: string;
  title: string;
  text: string;
}

export const STANDARD_TEXTS: readonly StandardText[] = [
  {
    code: 'ftjl',
    title: '法庭纪律',
    text: '现在宣布法庭纪律：一、全体人员应当服从法庭指挥，遵守法庭礼仪；二、不得鼓掌、喧哗、哄闹、随意走动；三、不得对庭审活动进行录音、录像、拍照，不得使用移动通信工具传播庭审活动；四、未经审判长许可，不得发言、提问；五、旁听人员对法庭审判活动有意见的，可以在休庭后以书面形式向法庭提出。违反法庭纪律的，依法予以处理。',
  },
  {
    code: 'qtql',
    title: '全体起立',
    text: '全体起立，请审判长、审判员入庭。',
  },
  {
    code: 'bgsp',
    title: '报告到庭情况',
    text: '报告审判长，双方当事人及委托诉讼代理人均已到庭，法庭准备工作就绪，可以开庭。',
  },
  {
    code: 'qlyw',
    title: '权利义务告知',
    text: '当事人在诉讼中享有下列权利：有权委托代理人，提出回避申请，收集、提供证据，进行辩论，请求调解，提起上诉，申请执行；可以查阅并复制本案有关材料。当事人应当依法行使诉讼权利，遵守诉讼秩序，如实陈述，履行发生法律效力的判决书、裁定书和调解书。',
  },
  {
    code: 'hbsq',
    title: '回避权利告知',
    text: '当事人认为审判人员、书记员与本案有利害关系或者其他关系，可能影响公正审理的，有权申请回避，但应当说明理由。',
  },
  {
    code: 'zzsx',
    title: '质证顺序告知',
    text: '质证围绕证据的真实性、合法性以及与待证事实的关联性进行，并针对证据有无证明力和证明力大小进行说明和辩论。',
  },
  {
    code: 'hdbl',
    title: '核对笔录告知',
    text: '请各方当事人及代理人核对笔录，认为对自己的陈述记录有遗漏或者差错的，有权申请补正；核对无误后签名。',
  },
  {
    code: 'qttt',
    title: '全体起立退庭',
    text: '全体起立，请审判人员退庭。',
  },
];

/** Those whose code begins so, or whose title holds it; all for nothing typed. */
export function matching(typed: string): readonly StandardText[] {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return STANDARD_TEXTS;
  return STANDARD_TEXTS.filter((s) => s.code.startsWith(wanted) || s.title.includes(wanted));
}
