/** A stream of the control service that is kept open while the page is seen. */

/** Time between two attempts to open it, milliseconds. */
const againMs = 2500;

/** Time without an event after which it counts as lost, milliseconds: one comes every 2.5 s, and the reading takes 2 s at most. */
const silentMs = 15_000;

/** What {@link keepListening} does with what it hears. */
interface Listener {
  /** Takes an event of that name. */
  readonly event: string;
  readonly take: (data: string) => void;
  /** Hears whether events come. */
  readonly tell: (open: boolean) => void;
}

/**
 * Listens until the returned function is called. A browser notices neither a service that stands still, nor asks again once it was
 * refused, so both are seen to here. A page that nobody sees listens to nothing: a browser has six connections to an address for
 * all its pages, and a seventh page would wait for good.
 */
export function keepListening(path: string, { event, take, tell }: Listener): () => void {
  let stream: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function close() {
    clearTimeout(timer);
    stream?.close();
    stream = undefined;
  }

  function after(ms: number, then: () => void) {
    clearTimeout(timer);
    timer = setTimeout(then, ms);
  }

  function lose() {
    close();
    tell(false);
    after(againMs, open);
  }

  function open() {
    stream = new EventSource(path);
    after(silentMs, lose);
    stream.addEventListener('error', lose);
    stream.addEventListener(event, ({ data }) => {
      after(silentMs, lose);
      tell(true);
      take(String(data));
    });
  }

  function follow() {
    close();
    if (!document.hidden) open();
  }

  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    close();
  };
}
