// SPDX-License-Identifier: Apache-2.0
// The providers beside Stripe: a file and a line each. What a file says: ../provider_account.mjs.
export { default as adyen } from "./adyen.mjs";
export { default as chargebee } from "./chargebee.mjs";
export { default as custom } from "./custom.mjs";
export { default as donorbox } from "./donorbox.mjs";
export { default as gocardless } from "./gocardless.mjs";
export { default as gumroad } from "./gumroad.mjs";
export { default as lemonsqueezy } from "./lemonsqueezy.mjs";
export { default as mollie } from "./mollie.mjs";
export { default as paddle } from "./paddle.mjs";
export { default as paypal } from "./paypal.mjs";
export { default as paystack } from "./paystack.mjs";
export { default as polar } from "./polar.mjs";
export { default as razorpay } from "./razorpay.mjs";
export { default as shopify } from "./shopify.mjs";
export { default as square } from "./square.mjs";
export { default as whop } from "./whop.mjs";
export { default as whop_older } from "./whop_older.mjs";
export { default as woocommerce } from "./woocommerce.mjs";
