// Adds a way to see the password being typed. Every page works without this file.
for (const input of document.querySelectorAll('input[type="password"]')) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'reveal';
  button.setAttribute('aria-controls', input.id);

  const show = (visible) => {
    input.type = visible ? 'text' : 'password';
    button.textContent = visible ? 'Hide' : 'Show';
    button.setAttribute('aria-label', visible ? 'Hide the password' : 'Show the password');
  };
  show(false);

  button.addEventListener('click', () => show(input.type === 'password'));
  // Sent as a password field, so that no browser keeps it among the texts it offers to complete.
  input.form?.addEventListener('submit', () => show(false));

  const wrapper = document.createElement('span');
  wrapper.className = 'with-reveal';
  input.replaceWith(wrapper);
  wrapper.append(input, button);
}
