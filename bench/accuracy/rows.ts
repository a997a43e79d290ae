import { CASINGS, CONNECT_IDS, type GenerateOptions, TIME_FORMS } from '../generate/options.ts';

/** Least values that a row must reach; absent ones are only printed. */
export interface Thresholds {
  /** Share of the calls, and of the agents outside calls, that are equal byte for byte. */
  readonly exact?: number;
  readonly precision?: number;
  readonly recall?: number;
}

/** One disturbance of the 1.0 stream and what we demand of ourselves under it. */
export interface Row {
  readonly name: string;
  readonly options: Partial<GenerateOptions>;
  readonly thresholds: Thresholds;
}

const EXACT: Thresholds = { exact: 1 };
const LOSS: Thresholds = { precision: 0.9995, recall: 0.99 };
const MISSING: Thresholds = { precision: 0.999 };

const CLEAN: readonly Row[] = CONNECT_IDS.flatMap((connectIds) =>
  TIME_FORMS.flatMap((time) =>
    CASINGS.map(
      (casing): Row => ({
        name: `clean, connectId per ${connectIds}, ${time}, ${casing}`,
        options: { connectIds, time, casing },
        thresholds: EXACT,
      }),
    ),
  ),
);

/** Every row of the table, for one way of connect ids. */
function disturbed(connectIds: GenerateOptions['connectIds']): readonly Row[] {
  const row = (name: string, options: Partial<GenerateOptions>, thresholds: Thresholds): Row => ({
    name: `${name}, connectId per ${connectIds}`,
    options: { connectIds, ...options },
    thresholds,
  });
  return [
    row('jitter 3 s', { jitter: 3000 }, EXACT),
    row('duplicates 2 %', { duplicates: 0.02 }, EXACT),
    row('jitter and duplicates', { jitter: 3000, duplicates: 0.02 }, EXACT),
    row('loss 1 %', { loss: 0.01 }, LOSS),
    row('without AgentACW', { without: ['AgentACW'] }, MISSING),
    row('without CallReleased', { without: ['CallReleased'] }, MISSING),
    row('without Dialing', { without: ['Dialing'] }, MISSING),
  ];
}

/** Disturbances that are told apart again where one connectId serves the whole call; the others would only take time. */
const AGAIN = ['jitter and', 'loss', 'without CallReleased'];

/** The table of the accuracy program. */
export const ROWS: readonly Row[] = [
  ...CLEAN,
  ...disturbed('party'),
  ...disturbed('call').filter(({ name }) => AGAIN.some((start) => name.startsWith(start))),
];
