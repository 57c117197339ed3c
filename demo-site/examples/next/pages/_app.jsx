import { Throughline } from "@throughline/web/next";
import { options } from "../options";

export default function App({ Component, pageProps }) {
  return (
    <>
      <Throughline options={options} />
      <Component {...pageProps} />
    </>
  );
}
