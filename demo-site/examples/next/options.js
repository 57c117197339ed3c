export const options = { site: "demo", key: "wk_demo", endpoint: "/tl", consent: "manual" };
