// SPDX-License-Identifier: Apache-2.0
// shared/models in the browser: the very code of the server, so that what a panel shows and what a
// report would say are the same integers. Channels go in as numbers and come out as indices of touches.

import { Models as Core } from "../../sdk-wasm/loader/models.ts";

export interface Rules {
  lookbackMs: number;
  viewLookbackMs: number;
  isRolling: boolean;
  keepsDirect: boolean;
  collapse: number; // as numbered in shared/models/path.hpp
  repeat: number;
}
export interface WhatIfTouch {
  channel: string;
  t: number;
  seq: number;
  isView?: boolean;
}
// What was converted, and what led to it; lead and opportunity are kept as times, as on the server.
export interface WhatIfConversion {
  t: number;
  previous?: number | undefined;
  lead?: number | undefined;
  opportunity?: number | undefined;
  valueMinor: number;
}
export interface Credit {
  touch: number | null; // index into the touches; null: unattributed
  valueMinor: number;
  conversionsMicro: number;
}

const DAY_MS = 86_400_000;

// Rules as a stored conversion names them: "click_lookback_ms=…:lookback=fixed:direct=keep:…".
export function readRules(text: string): Rules {
  const fields = new Map(text.split(":").map((field) => field.split("=") as [string, string]));
  const number = (names: string[], field: string): number => Math.max(0, names.indexOf(fields.get(field) ?? "")) + 1;
  return {
    lookbackMs: Number(fields.get("click_lookback_ms") ?? 30 * DAY_MS), viewLookbackMs: Number(fields.get("view_lookback_ms") ?? DAY_MS),
    isRolling: fields.get("lookback") === "rolling", keepsDirect: fields.get("direct") === "keep",
    collapse: number(["none", "consecutive", "unique_first"], "collapse"), repeat: number(["every", "since_previous", "first_only"], "repeat"),
  };
}
// The models tell direct from all others; what else a number means is the caller's (path.hpp).
const DIRECT = 1;
const FIRST_OTHER = 256;

export class Models {
  private readonly numbers = new Map([["direct", DIRECT]]);
  constructor(private readonly core: Core) {}

  // `model` as the server names it: "linear", "time_decay:half_life_ms=604800000".
  credits(model: string, rules: Rules, conversion: WhatIfConversion, touches: readonly WhatIfTouch[]): Credit[] {
    const numbered = touches.map((touch) => ({ t: touch.t, seq: touch.seq, channel: this.numberOf(touch.channel), isView: touch.isView ?? false }));
    const chosen = { clickLookback: rules.lookbackMs, viewLookback: rules.viewLookbackMs, lookbackMode: rules.isRolling ? 2 : 1, directRule: rules.keepsDirect ? 2 : 1, collapseRule: rules.collapse, repeatRule: rules.repeat };
    const { rows } = this.core.credits(model, chosen, { ...conversion, valueMinor: BigInt(conversion.valueMinor) }, numbered);
    return rows.map((row) => ({ touch: row.touch, valueMinor: Number(row.valueMinor), conversionsMicro: row.micro }));
  }

  private numberOf(channel: string): number {
    let number = this.numbers.get(channel);
    if (number === undefined) this.numbers.set(channel, (number = FIRST_OTHER + this.numbers.size));
    return number;
  }
}

let loading: Promise<Models> | null = null;
export function loadModels(): Promise<Models> {
  loading ??= fetch("/dashboard/models.wasm").then(async (answer) => {
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    return new Models(await Core.load(await answer.arrayBuffer()));
  });
  return loading;
}
