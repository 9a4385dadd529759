// Refusals in the language in use: what happened, and what to do.

import type { Denial } from '../protocol/Denial';
import { t } from '.';

export function denialText(denial: Denial): string {
  switch (denial.why) {
    case 'unknownSeat':
      return t('denied.unknownSeat', { seat: denial.seat });
    case 'notYours':
      return t('denied.notYours', { whose: t(`role.${denial.whose}`) });
    case 'wrongStage':
      return t('denied.wrongStage', { stage: t(`stage.${denial.stage}`) });
    case 'stale':
      return t('denied.stale', { line: denial.line, text: denial.text });
    case 'evidenceListed':
      return t('denied.evidenceListed', { side: t(`side.${denial.side}`), number: denial.number });
    case 'malformed':
      return t('denied.malformed', { what: denial.what });
    case 'alreadySettled':
      return t('denied.alreadySettled', { line: denial.line });
    case 'signaturesMissing':
      return t('denied.signaturesMissing', { missing: denial.missing });
    case 'attestationMissing':
      return t('denied.attestationMissing', { n: denial.seats.length });
    case 'stillReading':
      return t('denied.stillReading', { until: denial.until });
    case 'correctionsOpen':
      return t('denied.correctionsOpen', { n: denial.requests.length });
    case 'notRecorded':
      return t('denied.notRecorded', { cause: denial.cause });
    case 'outsideReadingTerm':
      return t('denied.outsideReadingTerm', { from: denial.from, last: denial.last });
    case 'nobodyPresent':
      return t('denied.nobodyPresent', { side: t(`side.${denial.side}`) });
    case 'textTooLong':
      return t('denied.textTooLong', { max: denial.max });
    case 'unknownCheck':
      return t('denied.unknownCheck', { item: denial.item + 1 });
    case 'unknownLine':
      return t('denied.unknownLine', { line: denial.line });
    case 'tooFew':
      return t('denied.tooFew', { present: denial.present, needed: denial.needed });
    case 'votesMissing':
    case 'groundsMissing':
      return t(`denied.${denial.why}`, { missing: denial.missing });
    case 'consentMissing':
      return t('denied.consentMissing', { sides: denial.sides.map((s) => t(`side.${s}`)).join(t('list.comma')) });
    case 'speechUnwritten':
      return t('denied.speechUnwritten', { s: denial.seconds });
    case 'termListed':
    case 'unknownTerm':
      return t(`denied.${denial.why}`, { term: denial.term });
    case 'tooManyTerms':
      return t('denied.tooManyTerms', { max: denial.max });
    case 'questionNotOpen':
      return t('denied.questionNotOpen', { question: denial.question });
    default:
      return t(`denied.${denial.why}`);
  }
}
