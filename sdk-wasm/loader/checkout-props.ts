// SPDX-License-Identifier: Apache-2.0
// What is told of a checkout as it starts (docs/wire.md).
import type { CheckoutInput, Props } from "./types.js";

export const checkoutProps = (given: CheckoutInput): Props => ({
  product_id: given.productId,
  product_name: given.productName,
  price: given.price,
  currency: given.currency,
  order_id: given.orderId,
  provider: given.provider,
});
