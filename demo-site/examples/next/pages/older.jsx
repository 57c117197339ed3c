import { Banner } from "../banner";

export default function Older() {
  return (
    <>
      <h1>A page of the pages router</h1>
      <Banner />
    </>
  );
}
