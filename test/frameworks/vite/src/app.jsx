import { useEffect, useState } from 'react';
import { Counter } from './counter.jsx';

export function App() {
  const [path, setPath] = useState(location.pathname);
  const follow = (event) => {
    event.preventDefault();
    history.pushState(null, '', event.currentTarget.href);
    setPath(location.pathname);
  };
  const Page = PAGES[path] ?? First;
  return <Page follow={follow} />;
}

function First({ follow }) {
  return (
    <main>
      <h1>First</h1>
      <Counter />
      <a href="/second" onClick={follow}>
        Second
      </a>
    </main>
  );
}

function Second() {
  return <h1>Second</h1>;
}

function Notes() {
  const notes = useJson('/api/notes');
  return (
    <form method="post">
      <input name="note" />
      <button>Keep</button>
      <p id="note">{notes?.at(-1)}</p>
    </form>
  );
}

function SignIn() {
  return (
    <form method="post">
      <input name="account" />
      <button>Sign in</button>
    </form>
  );
}

function Account() {
  return <p id="who">{useJson('/api/account')?.account}</p>;
}

const PAGES = { '/second': Second, '/notes': Notes, '/sign-in': SignIn, '/account': Account };

function useJson(path) {
  const [json, setJson] = useState();
  useEffect(() => {
    void fetch(path)
      .then((answer) => answer.json())
      .then(setJson);
  }, [path]);
  return json;
}
