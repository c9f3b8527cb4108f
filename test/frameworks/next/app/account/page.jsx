import { current } from 'bulwark/current';

export default function Page() {
  return <p id="who">{current().principal?.account}</p>;
}
