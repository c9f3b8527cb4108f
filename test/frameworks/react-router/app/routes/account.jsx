import { current } from 'bulwark/current';
import { useLoaderData } from 'react-router';

export function loader() {
  return current().principal.account;
}

export default function Account() {
  return <p id="who">{useLoaderData()}</p>;
}
