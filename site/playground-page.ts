/** The page on which policies are tried. What is typed stays in it. */
import { type Html, html } from '../src/ui/html.ts';
import { EXAMPLES } from './client/examples.ts';

export function playgroundBody(): Html {
  const [first] = EXAMPLES;
  return html`<h1>Playground</h1>
    <p>
      Type a policy, as it stands in <code>bulwark.config.ts</code>. It is read by the code of the library,
      here in your browser: nothing that you type leaves this page. Calls such as <code>env()</code> are not
      made; the page has a secret and a state of its own. What options there are:
      <a href="/manual/defaults.html">defaults</a>.
    </p>
    <noscript><p>This page needs JavaScript.</p></noscript>
    <div class="playground" data-playground>
      <form>
        <label for="example">Begin with</label>
        <select id="example">
          ${EXAMPLES.map(({ name }) => html`<option>${name}</option> `)}
        </select>
        <p></p>
        <label for="policy">Policy</label>
        <textarea id="policy" spellcheck="false" autocomplete="off" aria-describedby="faults-title">
${first?.policy ?? ''}</textarea>
        <fieldset class="asked">
          <legend>A request</legend>
          <div>
            <label for="method">Method</label>
            <select id="method">
              ${METHODS.map((name) => html`<option>${name}</option> `)}
            </select>
          </div>
          <div>
            <label for="target">Path</label>
            <input id="target" value="/" spellcheck="false" autocomplete="off" />
          </div>
          <div>
            <label for="who">Who asks</label>
            <select id="who">
              <option value="">a visitor</option>
              <option value="in">somebody signed in</option>
            </select>
          </div>
          <div>
            <label for="roles">Their roles</label>
            <input id="roles" spellcheck="false" autocomplete="off" placeholder="editor, operator" />
          </div>
          <div class="all">
            <label for="headers">Headers</label>
            <textarea
              id="headers"
              class="lines"
              spellcheck="false"
              autocomplete="off"
              placeholder="Origin: https://example.com"
            ></textarea>
          </div>
        </fieldset>
      </form>
      <section aria-live="polite" aria-busy="true" data-outcome>
        <h2 id="faults-title" data-summary>Reading the policy</h2>
        <ul class="faults" data-faults></ul>
        <div data-answer hidden>
          <p class="verdict" data-verdict></p>
          <h3>What leaves</h3>
          <dl class="lines" data-headers></dl>
          <h3>What the log is told</h3>
          <ul data-events></ul>
        </div>
      </section>
    </div>`;
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE'];
