/** Figures as people read them; what is not known is a dash. */

const none = '–';

/** `0.4/s`, `12/s`. */
export function rateText(rate: number | null): string {
  if (rate === null) return none;
  return `${rate >= 10 ? Math.round(rate) : Math.round(rate * 10) / 10}/s`;
}

/** A share from 0 to 1 as `99.2 %`; what is not all is never rounded to all, nor what is some to none. */
export function shareText(share: number | null): string {
  if (share === null) return none;
  const percent = share * 100;
  if (percent > 99.9 && percent < 100) return '99.9 %';
  if (percent > 0 && percent < 0.1) return '< 0.1 %';
  return `${Math.round(percent * 10) / 10} %`;
}

/** `0.4 ms`, `12 ms`, `1.25 s`. */
export function millisecondsText(ms: number | null): string {
  if (ms === null) return none;
  if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
  return `${ms >= 10 ? Math.round(ms) : Math.round(ms * 10) / 10} ms`;
}

/** `8 s`, `12 min`, `3 h`. */
export function ageText(seconds: number | null): string {
  if (seconds === null) return none;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
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
  return `${euros.toFixed(2)} €`;
}
