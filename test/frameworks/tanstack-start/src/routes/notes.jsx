import { createFileRoute, useRouter } from '@tanstack/react-router';
import { createServerFn } from '@tanstack/react-start';

const notes = [];
const last = createServerFn().handler(() => notes.at(-1) ?? '');
const keep = createServerFn({ method: 'POST' })
  .validator((form) => String(form.get('note')))
  .handler(({ data }) => {
    notes.push(data);
    return data;
  });

export const Route = createFileRoute('/notes')({ loader: () => last(), component: Notes });

function Notes() {
  const router = useRouter();
  const submit = async (event) => {
    event.preventDefault();
    await keep({ data: new FormData(event.currentTarget) });
    await router.invalidate();
  };
  return (
    <form method="post" onSubmit={submit}>
      <input name="note" />
      <button>Keep</button>
      <p id="note">{Route.useLoaderData()}</p>
    </form>
  );
}
