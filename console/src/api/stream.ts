/** A stream of the control service, kept open while the page is seen: once for all pages of a browser. */
import { whileChosen } from './chosen.ts';

/** Time between two attempts to open it, milliseconds. */
const againMs = 2500;

/** Time without an event after which it counts as lost, milliseconds: one comes every 2.5 s, and the reading takes 2 s at most. */
const silentMs = 15_000;

/** Takes the data of an event; undefined: the stream is lost. */
type Hear = (data: string | undefined) => void;

/** What {@link keepListening} does with what it hears. */
interface Listener {
  /** Takes an event of that name. */
  readonly event: string;
  readonly take: (data: string) => void;
  /** Hears whether events come. */
  readonly tell: (open: boolean) => void;
}

/** Calls that after so many milliseconds, unless it is set again or stopped. */
function alarm(then: () => void) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    set(ms: number) {
      clearTimeout(timer);
      timer = setTimeout(then, ms);
    },
    stop: () => clearTimeout(timer),
  };
}

/** Opens the stream, and again whenever it is lost. A browser does so neither when the service stands still nor when it refuses. */
function open(path: string, event: string, hear: Hear): () => void {
  let stream: EventSource | undefined;
  const silence = alarm(lose);
  const again = alarm(begin);

  function close() {
    silence.stop();
    again.stop();
    stream?.close();
  }

  function lose() {
    close();
    again.set(againMs);
    hear(undefined);
  }

  function begin() {
    stream = new EventSource(path);
    silence.set(silentMs);
    stream.addEventListener('error', lose);
    stream.addEventListener(event, ({ data }) => {
      silence.set(silentMs);
      hear(String(data));
    });
  }

  begin();
  return close;
}

/** Hears the stream together with the other pages of this browser: one of them opens it, and passes on what it hears. */
function share(path: string, event: string, hear: Hear): () => void {
  const others = new BroadcastChannel(path);
  const silence = alarm(() => hear(undefined));
  const take: Hear = (data) => {
    silence.set(silentMs);
    hear(data);
  };
  others.addEventListener('message', ({ data }: MessageEvent<unknown>) =>
    take(typeof data === 'string' ? data : undefined),
  );
  silence.set(silentMs);
  const leave = whileChosen(path, () =>
    open(path, event, (data) => {
      others.postMessage(data);
      take(data);
    }),
  );
  return () => {
    leave();
    silence.stop();
    others.close();
  };
}

/** How a page listens. A browser has locks only where its connection counts as safe, as one to the loopback does. */
const listen = window.isSecureContext ? share : open;

/**
 * Listens until the returned function is called. A browser has six connections to an address for all its pages: with a stream of its
 * own each, a seventh page would wait for good. A page that nobody sees listens to nothing.
 */
export function keepListening(path: string, { event, take, tell }: Listener): () => void {
  let leave: (() => void) | undefined;

  function hear(data: string | undefined) {
    tell(data !== undefined);
    if (data !== undefined) take(data);
  }

  function follow() {
    leave?.();
    leave = document.hidden ? undefined : listen(path, event, hear);
  }

  document.addEventListener('visibilitychange', follow);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    leave?.();
  };
}
