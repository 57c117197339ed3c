import { Throughline } from "@throughline/web/next";
import { options } from "../options";

export default function Layout({ children }) {
  return (
    <html lang="en">
      <body>
        <Throughline options={options} />
        {children}
      </body>
    </html>
  );
}
