const list = document.querySelector('#items');
const said = document.querySelector('#said');

new EventSource('/stock').addEventListener('message', ({ data }) => {
  list.replaceChildren(
    ...JSON.parse(data).map(({ name, stock }) => {
      const line = document.createElement('li');
      line.textContent = `${name}: ${stock}`;
      return line;
    }),
  );
});

document.querySelector('#review').addEventListener('submit', async (event) => {
  event.preventDefault();
  const answer = await fetch('/reviews', {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-CSRF-Token': document.querySelector('meta[name=csrf]').content,
    },
    body: JSON.stringify({ text: new FormData(event.target).get('text') }),
  });
  said.textContent = answer.ok ? 'Thank you.' : `It was not taken (${answer.status}).`;
});
