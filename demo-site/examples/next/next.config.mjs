import { withThroughline } from "@throughline/web/next/config";

export default withThroughline({}, { endpoint: "http://127.0.0.1:8787" });
