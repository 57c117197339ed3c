// SPDX-License-Identifier: Apache-2.0
// Entry of @throughline/web/next, for the app router and the pages router alike: route changes of either go
// through the history that the SDK watches.
export { Throughline, useConsent, useThroughline } from "@throughline/web/react";
