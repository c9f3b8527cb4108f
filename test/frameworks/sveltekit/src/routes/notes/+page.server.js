const notes = [];

export const load = () => ({ note: notes.at(-1) ?? '' });

export const actions = {
  default: async ({ request }) => {
    notes.push(String((await request.formData()).get('note')));
  },
};
