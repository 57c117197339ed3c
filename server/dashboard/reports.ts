// SPDX-License-Identifier: Apache-2.0
// The answers of the reports API, as far as the views read them.

export interface Measures {
  visits: number;
  unique_visitors: number;
  revenue_minor: number;
  conversion_rate: number | null;
  average_order_value_minor: number | null;
  cost_minor: number | null;
  roi: number | null;
  roas: number | null;
  cpa_minor: number | null;
  cac_minor: number | null;
}
export interface Summary extends Measures {
  orders: number;
  leads: number;
  refunded_minor: number;
  attributed_share: number | null;
  attributed_revenue_share: number | null;
  unmeasurable_share: number | null;
  suppressed: number | null;
  suppressed_minor: number | null;
  average_days_to_convert: number | null;
}
export interface Common {
  currencies?: string[];
  describes?: string;
  model?: string;
}
export type Overview = Summary & Common & { previous?: Summary };

export interface ChannelRow extends Measures {
  channel: string;
  source?: string;
  campaign?: string;
  campaign_name?: string; // of its costs, where `campaign` is their id
  content?: string;
  landing_path?: string;
  conversions: string;
  new_customers: string;
  orders_share: number | null;
  interval?: { low_minor: number; high_minor: number; level: number } | null;
  previous?: Measures & { conversions: string };
}
// Several lines as one.
export type Sum = Omit<Measures, "unique_visitors"> & { conversions: string };
export interface Channels extends Common {
  items: ChannelRow[];
  totals: Sum;
  with_cost?: Sum; // of the lines that cost something
  suppressed?: Sum; // in no line: the repeat rule gives these no credit
  with_suppressed?: Sum; // totals and they
}
export interface DayRow {
  day: string;
  visits: number;
  orders: number;
  leads: number;
  revenue_minor: number;
  cost_minor: number | null;
}
export interface TimeSeries extends Common {
  items: DayRow[];
}
export interface Comparison extends Common {
  models: string[];
  items: { channel: string; models: Record<string, { conversions: string; revenue_minor: number } | undefined>; participation?: { conversions: number; revenue_minor: number } }[];
}
export interface Trained extends Common {
  trainings: { model: string; order: number; version: number; from_day: string; to_day: string; trained_at: string; currency: string; conversions: number; failed: number; states: number; p_conversion: number; refused: string | null }[];
  items: { model: string; channel: string; removal_effect: number; removal_effect_value: number; conversions: string; revenue_minor: number }[];
}
export interface Paths extends Common {
  items: { path: string[]; conversions: number | string; revenue_minor: number; average_days_to_convert: number | null; share: number | null }[];
  total_conversions: number | string;
}
export interface TimeLag {
  buckets: { from_days: number; to_days: number | null; conversions: number | string; revenue_minor: number }[];
}
export interface PathLength {
  buckets: { touches: number; and_more?: boolean; conversions: number | string; revenue_minor: number }[];
}
export interface SelfReported {
  items: { self_reported: string; channel: string; conversions: string; revenue_minor: number }[];
}
export interface Assists {
  items: { channel: string; first: number | string; last: number | string; assisted: number | string; assist_ratio: number | null; revenue_assisted_minor: number }[];
}
