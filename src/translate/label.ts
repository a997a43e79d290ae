/** How an output came about (semantics, section 5). */
export const OUTPUT_KINDS = ['copied', 'renamed', 'resolved', 'synthesized'] as const;

/** See {@link OUTPUT_KINDS}. */
export type OutputKind = (typeof OUTPUT_KINDS)[number];

/** Books of one output type. */
export interface OutputCounts {
  out: number;
  translated: number;
  synthesized: number;
}

/** How often a rule decided on an output type, and how often because the wait had run out. */
export interface DecisionCounts {
  readonly kind: OutputKind;
  readonly rule: string;
  readonly type: string;
  count: number;
  waited: number;
}

/** What many outputs have in common, with the books in which they are entered: one object for all of them. */
export interface OutputLabel {
  /** 2.0 event type. */
  readonly type: string;
  readonly kind: OutputKind;
  /** The rule that decided, or the 1.0 event whose mapping did. */
  readonly rule: string;
  readonly row: OutputCounts;
  /** Undefined where nothing was to decide. */
  readonly decision: DecisionCounts | undefined;
  /** Small number that stands for the label among those of its books. */
  readonly index: number;
}
