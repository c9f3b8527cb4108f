/**
 * On pages that show something once: copies it, and prints it. The buttons are there where this runs; everything can be
 * selected and kept without.
 */
for (const button of document.querySelectorAll('[data-copy]')) {
  button.hidden = false;
  button.addEventListener('click', () => copy(document.getElementById(button.dataset.copy)));
}
for (const button of document.querySelectorAll('[data-print]')) {
  button.hidden = false;
  button.addEventListener('click', () => globalThis.print());
}

// By the selection: the policy of these pages opens the clipboard to no script, and what is selected can be copied by hand.
function copy(source) {
  if ('select' in source) source.select();
  else getSelection().selectAllChildren(source);
  const copied = document.execCommand('copy');
  const status = document.querySelector('[data-keep-status]');
  status.textContent = copied ? status.dataset.keepCopied : status.dataset.keepSelected;
}
