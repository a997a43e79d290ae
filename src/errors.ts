/** Process exit codes; the table is part of the product's face (README, "Exit codes"). */
export const EXIT = {
  ok: 0,
  internal: 1,
  usage: 2,
  deadLetters: 3,
  unbalanced: 4,
  damaged: 65,
  noInput: 66,
  unreachable: 69,
  cannotCreate: 73,
  io: 74,
  busy: 75,
  stateMismatch: 76,
  permission: 77,
  config: 78,
  interrupted: 130,
  terminated: 143,
} as const;

/** A documented exit code. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What {@link UpcastError} is made of. */
export interface UpcastErrorInit {
  /** Machine-readable reason, kebab-case. */
  readonly code: string;
  /** What was wrong, one line, for a person. */
  readonly message: string;
  /** Exit code of a command that ends with this error. */
  readonly exit: ExitCode;
  /** Where: `file:line:column`, or `file, line n, byte m`. */
  readonly place?: string | undefined;
  /** What to do about it. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** Every expected failure of the program: says what, where and what to do. */
export class UpcastError extends Error {
  readonly code: string;
  readonly exit: ExitCode;
  readonly place: string | undefined;
  readonly hint: string | undefined;

  constructor(init: UpcastErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = 'UpcastError';
    this.code = init.code;
    this.exit = init.exit;
    this.place = init.place;
    this.hint = init.hint;
  }
}
