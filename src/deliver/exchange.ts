import type { Dispatcher } from 'undici';

/** What came of a request: the head of its answer, or why there was none. */
export type Answer = { readonly status: number; readonly headers: Headers } | { readonly error: unknown };

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** More of an answer is not read. */
const MOST_ANSWER = 64 * 1024;
/** So long an attempt waits for the rest of an answer after its head: enough where both come together, as they nearly always do. */
const REST = 100;
const STOPPED = new Error('stopped');

/** Who wants to know how far an exchange is. */
export interface ExchangeWatch {
  /** The head has come, or nothing comes any more. */
  headed(exchange: Exchange): void;
  /** Its connection is free, or gone. */
  ended(exchange: Exchange): void;
}

/**
 * One request and its answer, of which only the head matters. What comes behind it is read all the same, so that the connection can be used
 * again, but not for long: an endpoint that drips must not hold up the next event. Undici's own `request` makes a stream for each answer
 * and a signal for each deadline, which took more time than all else that a delivery does here.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly answer: Promise<Answer>;
  private readonly watch: ExchangeWatch;
  private readonly begun: () => void;
  private readonly deadline: NodeJS.Timeout;
  private resolve: (answer: Answer) => void = () => {};
  private controller: Dispatcher.DispatchController | undefined;
  private head: Answer | undefined;
  private rest: NodeJS.Timeout | undefined;
  private size: number = 0;
  private isStopped: boolean = false;

  /** `deadline`: milliseconds for all of it; `begun`: called when a connection takes the request. */
  constructor(deadline: number, watch: ExchangeWatch, begun: () => void) {
    this.watch = watch;
    this.begun = begun;
    this.answer = new Promise((resolve) => {
      this.resolve = resolve;
    });
    this.deadline = setTimeout(() => this.stop(new DeadlineError()), deadline);
  }

  /** Ends it; whoever has no head yet learns of the reason. */
  stop(reason: Error = STOPPED): void {
    if (this.isStopped) return;
    this.isStopped = true;
    this.controller?.abort(reason);
    // One that waits for a connection is not told by undici before it has one.
    this.end({ error: reason });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isStopped) controller.abort(STOPPED);
    else this.begun();
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // A hint before the head.
    if (status < 200) return;
    this.head = { status, headers };
    this.watch.headed(this);
    if (Number(headers['content-length'] ?? 0) > MOST_ANSWER) this.stop();
    else this.rest = setTimeout(() => this.resolve(this.head as Answer), REST);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.size += chunk.length;
    if (this.size > MOST_ANSWER) this.stop();
  }

  onResponseEnd(): void {
    this.end({ error: STOPPED });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.end({ error });
  }

  /** What ends behind the head changes nothing any more. */
  private end(answer: Answer): void {
    clearTimeout(this.deadline);
    clearTimeout(this.rest);
    if (this.head === undefined) {
      this.head = answer;
      this.watch.headed(this);
    }
    this.watch.ended(this);
    this.resolve(this.head);
  }
}

/** The time for an exchange is over. */
export class DeadlineError extends Error {
  readonly code: string = 'deadline';
}
