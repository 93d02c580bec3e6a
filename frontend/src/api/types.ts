// The server's values under short names. schema.ts is generated from openapi.json.
import type { components } from "./schema";
import type { SETTINGS } from "./vocabulary";

type Schemas = components["schemas"];

export type About = Omit<Schemas["About"], "defaults"> & { defaults: Settings };
export type Anomalies = Schemas["Anomalies"];
export type Candidate = Schemas["Candidate"];
export type Column = Schemas["Column"];
export type Criterion = SearchRequest["criterion"];
export type Dataset = Schemas["Dataset"];
export type DatasetRows = Schemas["DatasetRows"];
export type Evaluation = Schemas["Evaluation"];
export type Example = Schemas["Example"];
export type ExampleData = Schemas["ExampleData"];
export type FitProgress = Schemas["FitProgress"];
export type FitRequest = Asked<Omit<Schemas["FitRequest"], "labels">>;
export type FitResult = Schemas["FitResult"];
export type Frame = Schemas["Frame"];
export type Frames = Schemas["Frames"];
export type Job = Schemas["Job"];
export type KMeans = Schemas["KMeans"];
export type Mixture = Schemas["Mixture"];
export type Note = Schemas["Note"];
export type Problem = Schemas["Problem"];
export type Sample = Schemas["Sample"];
export type SearchProgress = Schemas["SearchProgress"];
export type SearchRequest = Asked<Schemas["SearchRequest"]>;
export type SearchResult = Schemas["SearchResult"];
/** Those that the page has inputs for; programs have more, and may give numbers for some. */
export type Settings = Omit<
  Pick<Schemas["Settings"], keyof typeof SETTINGS>,
  "noise" | "prior" | "spikes"
> & {
  noise: boolean;
  prior: keyof (typeof SETTINGS)["prior"]["choices"];
  spikes: Spikes;
};
/** Point masses: a word, the values of the only column, or those of some columns. */
export type Spikes =
  keyof (typeof SETTINGS)["spikes"]["choices"] | number[] | Record<string, number[]>;
export type StructureName = Settings["covariance_type"];
export type Table = Schemas["Table"];

type Asked<Request> = Omit<Request, "settings"> & { settings: Settings };

/** Rows as they are drawn: all of a table, or a sample that preserves its density. */
export interface Points {
  columns: string[];
  /** How many are drawn, and how many the table has. */
  n: number;
  total: number;
  /** Number of each row in the table, from 1: (n). */
  numbers: Float64Array;
  /** Row after row, NaN where missing: (n * columns.length). */
  values: Float64Array;
}
