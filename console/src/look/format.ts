/** Figures as people read them; what is not known is a dash. */

const none = '–';

/** Between a figure and its unit, where no line may end. */
const joint = '\u00a0';

/** The same text, in which no line ends between a figure and its unit. */
export const unbroken = (text: string): string =>
  text.replaceAll(/(?<=\d) (?=(?:%|€|ms|s|min|h)(?!\w))/g, joint);

/** `0.4/s`, `12/s`. */
export function rateText(rate: number | null): string {
  if (rate === null) return none;
  return `${rate >= 10 ? Math.round(rate) : Math.round(rate * 10) / 10}/s`;
}

/** A share from 0 to 1 as `99.2 %`; what is not all is never rounded to all, nor what is some to none. */
export function shareText(share: number | null): string {
  if (share === null) return none;
  const percent = share * 100;
  if (percent > 99.9 && percent < 100) return `99.9${joint}%`;
  if (percent > 0 && percent < 0.1) return `<${joint}0.1${joint}%`;
  return `${Math.round(percent * 10) / 10}${joint}%`;
}

/** `0.4 ms`, `12 ms`, `1.25 s`. */
export function millisecondsText(ms: number | null): string {
  if (ms === null) return none;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)}${joint}s`;
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10}${joint}ms`;
}

/** `8 s`, `12 min`, `3 h`. */
export function ageText(seconds: number | null): string {
  if (seconds === null) return none;
  if (seconds < 120) return `${Math.round(seconds)}${joint}s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)}${joint}min` : `${Math.round(seconds / 3600)}${joint}h`;
}

/** `1.00`, `1.43`. */
export function attemptsText(attempts: number | null): string {
  return attempts === null ? none : attempts.toFixed(2);
}

/** `14:03:07`, the time where the page is. */
export function timeText(at: number): string {
  return new Date(at).toLocaleTimeString('en-GB');
}

/** `24.90 €`. */
export function moneyText(euros: number): string {
  return `${euros.toFixed(2)}${joint}€`;
}
