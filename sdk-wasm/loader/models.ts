// SPDX-License-Identifier: Apache-2.0
// The attribution models in the browser, for the dashboard alone: models.wasm is a second build of the
// server's own sources (ABI: src/model_exports.cpp). Same integers as the stored credits.

/** A touch of the person. Channels: the product's own numbers, any other from 256 up. */
export interface ModelTouch {
  t: number;
  seq: number;
  channel: number;
  isView?: boolean;
  /** 1 lead, 2 opportunity, 3 both. */
  milestones?: number;
}

/** Rules as numbered in shared/models/path.hpp; milliseconds. */
export interface ModelRules {
  clickLookback: number;
  viewLookback: number;
  lookbackMode?: number;
  directRule?: number;
  collapseRule?: number;
  repeatRule?: number;
}

export interface ModelConversion {
  t: number;
  previous?: number | undefined;
  valueMinor: bigint;
  /** When it was reached, where no touch is known to hold it: the path's last one by then does. */
  lead?: number | undefined;
  opportunity?: number | undefined;
}

export interface ModelCredits {
  /** `touch` is an index into the touches, or null for unattributed. */
  rows: { touch: number | null; valueMinor: bigint; micro: number }[];
  /** Of each touch, why it is not on the path; 0: it is (Exclusion in shared/models/path.hpp). */
  why: number[];
  truncated: boolean;
  suppressed: boolean;
}

export interface ModelPath {
  channels: number[];
  conversions: number;
  nulls: number;
  value: number;
}

export interface RemovalEffects {
  pConversion: number;
  expectedValue: number;
  states: number;
  ofConversions: number[];
  ofValue: number[];
}

interface Exports {
  memory: WebAssembly.Memory;
  _initialize?(): void;
  reserve(cells: number): number;
  credits(nameBytes: number): number;
  effects(paths: number, channels: number, order: number): number;
}

const kHead = 12;
const kTouch = 6;
const kNone = -(2n ** 63n);
const timeOf = (t: number | undefined): bigint => (t === undefined ? kNone : BigInt(t));
const kErrors = ["", "unknown model or parameter", "refused by the models", "out of memory"];

export class Models {
  private constructor(private readonly core: Exports) {}

  static async load(source: BufferSource): Promise<Models> {
    const module = await WebAssembly.compile(source);
    const imports: Record<string, Record<string, () => number>> = {};
    // The runtime's own, which nothing here calls.
    for (const { module: from, name } of WebAssembly.Module.imports(module))
      (imports[from] ??= {})[name] = () => 0;
    const { exports } = await WebAssembly.instantiate(module, imports);
    const core = exports as unknown as Exports;
    core._initialize?.();
    return new Models(core);
  }

  /** Credits of one conversion under a model by its text name. `touches` order by (t, seq, index). */
  credits(
    model: string,
    rules: ModelRules,
    conversion: ModelConversion,
    touches: ModelTouch[],
  ): ModelCredits {
    const name = new TextEncoder().encode(model);
    const touchCells = kHead + touches.length * kTouch;
    const at = this.reserve(touchCells + Math.ceil(name.length / 8));
    const cells = new BigInt64Array(this.core.memory.buffer, at, touchCells);
    cells.set([
      BigInt(conversion.t),
      timeOf(conversion.previous),
      conversion.valueMinor,
      BigInt(rules.clickLookback),
      BigInt(rules.viewLookback),
      ...[rules.lookbackMode, rules.directRule, rules.collapseRule, rules.repeatRule].map((rule) =>
        BigInt(rule ?? 1),
      ),
      BigInt(touches.length),
      timeOf(conversion.lead),
      timeOf(conversion.opportunity),
    ]);
    touches.forEach(({ t, seq, channel, isView, milestones }, i) =>
      cells.set(
        [i, t, seq, channel, isView ? 1 : 0, milestones ?? 0].map(BigInt),
        kHead + i * kTouch,
      ),
    );
    new Uint8Array(this.core.memory.buffer, at + touchCells * 8).set(name);

    // A call may grow the memory, which ends every view on it.
    const outAt = this.output(at, this.core.credits(name.length));
    const out = new BigInt64Array(this.core.memory.buffer, outAt);
    const count = Number(out[0]);
    const flags = Number(out[1]);
    const rows = Array.from({ length: count }, (_, i) => {
      const [touch = 0n, valueMinor = 0n, micro = 0n] = out.subarray(2 + i * 3);
      return { touch: touch < 0n ? null : Number(touch), valueMinor, micro: Number(micro) };
    });
    const why = Array.from(out.subarray(2 + count * 3, 2 + count * 3 + touches.length), Number);
    return { rows, why, truncated: (flags & 1) !== 0, suppressed: (flags & 2) !== 0 };
  }

  /** Removal effects over paths of channels numbered from 0; order 1 to 3. */
  removalEffects(paths: ModelPath[], channels: number, order: number): RemovalEffects {
    const size = paths.reduce((sum, path) => sum + 4 + path.channels.length, 0);
    const at = this.reserve(size);
    const cells = new BigInt64Array(this.core.memory.buffer, at, size);
    const doubles = new Float64Array(this.core.memory.buffer, at, size);
    let cell = 0;
    for (const path of paths) {
      cells[cell] = BigInt(path.conversions);
      cells[cell + 1] = BigInt(path.nulls);
      doubles[cell + 2] = path.value;
      cells[cell + 3] = BigInt(path.channels.length);
      cells.set(path.channels.map(BigInt), cell + 4);
      cell += 4 + path.channels.length;
    }
    const outAt = this.output(at, this.core.effects(paths.length, channels, order));
    const out = new Float64Array(this.core.memory.buffer, outAt, 3 + 2 * channels);
    const [pConversion = 0, expectedValue = 0, states = 0] = out;
    return {
      pConversion,
      expectedValue,
      states,
      ofConversions: Array.from(out.subarray(3, 3 + channels)),
      ofValue: Array.from(out.subarray(3 + channels)),
    };
  }

  private reserve(cells: number): number {
    const at = this.core.reserve(cells);
    if (at === 0) throw new RangeError("models.wasm: out of memory");
    return at;
  }

  // The address of an output that begins at a cell, or the error that it stands for.
  private output(at: number, cell: number): number {
    if (cell < 0) throw new Error(`models.wasm: ${kErrors[-cell]}`);
    return at + cell * 8;
  }
}
