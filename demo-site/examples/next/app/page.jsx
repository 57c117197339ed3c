import Link from "next/link";
import { Banner } from "../banner";

export default function Page() {
  return (
    <>
      <h1>Next</h1>
      <Banner />
      <Link href="/second" id="second">Second page</Link>
    </>
  );
}
