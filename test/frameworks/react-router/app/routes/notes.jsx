import { Form, useLoaderData } from 'react-router';

const notes = [];

export function loader() {
  return notes.at(-1) ?? '';
}

export async function action({ request }) {
  notes.push(String((await request.formData()).get('note')));
  return null;
}

export default function Notes() {
  return (
    <Form method="post">
      <input name="note" />
      <button>Keep</button>
      <p id="note">{useLoaderData()}</p>
    </Form>
  );
}
