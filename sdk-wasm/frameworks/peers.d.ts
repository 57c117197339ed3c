// What the helpers call of the frameworks, so that building them needs none; tests/packages checks the built
// types against the real ones.
declare module "react" {
  export function useState<State>(first: () => State): [State, unknown];
  export function useSyncExternalStore<Snapshot>(
    subscribe: (changed: () => void) => () => void,
    read: () => Snapshot,
    readOnServer: () => Snapshot,
  ): Snapshot;
}
declare module "vue" {
  export interface ShallowRef<Value> {
    value: Value;
  }
  export function shallowRef<Value>(value: Value): ShallowRef<Value>;
  export function onScopeDispose(stop: () => void, failSilently?: boolean): void;
}
declare module "next/server.js" {
  export const NextResponse: { next(): Response };
}
